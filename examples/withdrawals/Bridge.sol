// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @title Bridge
/// @notice The other end of the withdrawal service: takes money on this chain and says in an event who gets it elsewhere.
/// @dev The service pays for every event of this contract that stands in a final block, once for each id.
contract Bridge {
    error NothingSent();

    event Withdrawal(uint256 indexed id, address indexed recipient, uint256 amount);

    /// The id of the next withdrawal. Each is given once.
    uint256 public nextId = 1;

    /// @param recipient Who gets the money on the other side
    function withdraw(address recipient) external payable {
        if (msg.value == 0) revert NothingSent();
        emit Withdrawal(nextId++, recipient, msg.value);
    }
}
