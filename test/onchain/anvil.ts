/** A local Ethereum node of its own for a test, and the Solidity compiler. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  type Abi,
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  decodeErrorResult,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  http,
  type PublicClient,
  type TransactionReceipt,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { foundry } from 'viem/chains';
import { afterAll, beforeAll, describe } from 'vitest';

const require = createRequire(import.meta.url);

/** Path of anvil's binary, or undefined where there is none for this platform. Under CI=true that is an error. */
export function findAnvil(): string | undefined {
  const cpu = process.arch === 'x64' ? 'amd64' : process.arch;
  const binary = `@foundry-rs/anvil-${process.platform}-${cpu}/bin/anvil`;
  try {
    return require.resolve(binary);
  } catch (cause) {
    if (process.env.CI === 'true')
      throw new Error(`${binary} is not installed: run npm ci with optional packages`, { cause });
    console.warn(`${binary} is not installed: tests on a chain are skipped`);
    return undefined;
  }
}

/** A running node with a funded account. */
export type Node = {
  readonly publicClient: PublicClient;
  /** Sends a transaction and waits until it is mined. */
  readonly send: (to: Address, data: Hex) => Promise<TransactionReceipt>;
  readonly deploy: (contract: Compiled, args?: readonly unknown[]) => Promise<Address>;
  readonly close: () => Promise<void>;
};

/** Starts anvil on a port that the system chooses. The caller owns it and calls `close`. */
export async function startAnvil(binary: string): Promise<Node> {
  // The first account of anvil's well-known mnemonic: funded on every anvil chain and on no other.
  const account = privateKeyToAccount('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80');
  const child = spawn(binary, ['--port', '0', '--host', '127.0.0.1', '--threads', '1'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const port = await listeningPort(child).catch((error: unknown) => {
    kill();
    throw error;
  });
  const transport = http(`http://127.0.0.1:${port}`);
  const publicClient: PublicClient = createPublicClient({ chain: foundry, transport, pollingInterval: 50 });
  const walletClient = createWalletClient({ account, chain: foundry, transport });
  return {
    publicClient,
    send: async (to, data) =>
      publicClient.waitForTransactionReceipt({ hash: await walletClient.sendTransaction({ to, data }) }),
    deploy: async ({ abi, bytecode }, args = []) => {
      const data = encodeDeployData({ abi, bytecode, args: [...args] });
      const hash = await walletClient.sendTransaction({ data });
      const { contractAddress } = await publicClient.waitForTransactionReceipt({ hash });
      return contractAddress!;
    },
    close: async () => {
      process.removeListener('exit', kill);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** A suite with a node of its own; skipped where there is no anvil. The node is there when the suite's hooks and tests run. */
export function describeOnChain(name: string, suite: (node: Node) => void): void {
  const anvil = findAnvil();
  describe.runIf(anvil !== undefined)(name, () => {
    const node = {} as Node;
    beforeAll(async () => {
      Object.assign(node, await startAnvil(anvil!));
    });
    afterAll(async () => {
      // Where it did not start there is nothing to close.
      await (node as Partial<Node>).close?.();
    });
    suite(node);
  });
}

/** A contract at an address, for {@link transact} and {@link call}. */
export type Deployed = { readonly address: Address; readonly abi: Abi };

/**
 * Calls first, so that a revert tells its name, then sends.
 *
 * @returns What became of it: `ok`, or the name of the error; of errors that the contract's interface does not have the selector. Gas where it was sent.
 */
export async function transact(
  node: Node,
  { address, abi }: Deployed,
  functionName: string,
  args: readonly unknown[],
): Promise<{ readonly outcome: string; readonly gas: bigint }> {
  const outcome = await revertOf(
    node.publicClient.simulateContract({ address, abi, functionName, args: [...args] }),
  );
  if (outcome !== undefined) return { outcome, gas: 0n };
  const receipt = await node.send(address, encodeFunctionData({ abi, functionName, args: [...args] }));
  return { outcome: receipt.status === 'success' ? 'ok' : 'reverted', gas: receipt.gasUsed };
}

/** Reads from a contract. */
export function call(
  node: Node,
  { address, abi }: Deployed,
  functionName: string,
  args: readonly unknown[] = [],
): Promise<unknown> {
  return node.publicClient.readContract({ address, abi, functionName, args: [...args] });
}

/** The error that a constructor reverts with, undefined where it does not. */
export async function deployRevert(
  node: Node,
  { abi, bytecode }: Compiled,
  args: readonly unknown[],
): Promise<string | undefined> {
  const data = encodeDeployData({ abi, bytecode, args: [...args] });
  try {
    await node.publicClient.call({ data });
    return undefined;
  } catch (error) {
    const found =
      error instanceof BaseError
        ? error.walk((cause) => typeof (cause as { data?: unknown }).data === 'string')
        : null;
    const raw = (found as { readonly data?: Hex } | null)?.data;
    if (raw === undefined) throw error;
    return decodeErrorResult({ abi, data: raw }).errorName;
  }
}

async function revertOf(simulated: Promise<unknown>): Promise<string | undefined> {
  try {
    await simulated;
    return undefined;
  } catch (error) {
    const reverted =
      error instanceof BaseError
        ? error.walk((cause) => cause instanceof ContractFunctionRevertedError)
        : null;
    if (!(reverted instanceof ContractFunctionRevertedError)) throw error;
    return reverted.data?.errorName ?? reverted.signature ?? 'reverted without a reason';
  }
}

async function listeningPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const match = /Listening on 127\.0\.0\.1:(\d+)/.exec(output);
      if (match !== null) resolve(Number(match[1]));
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`anvil ended with code ${code}: ${output}`)));
  });
}

export type Compiled = { readonly abi: Abi; readonly bytecode: Hex; readonly sizeBytes: number };

/** The contracts of the package by file name. */
function shipped(): { readonly [file: string]: { readonly content: string } } {
  return Object.fromEntries(
    readdirSync('contracts').map((file) => [file, { content: readFileSync(`contracts/${file}`, 'utf8') }]),
  );
}

/** Compiles a contract of `contracts/`. */
export function compileShipped(name: string): Compiled {
  return compile(
    `// SPDX-License-Identifier: Apache-2.0\npragma solidity ^0.8.24;\nimport "./${name}.sol";`,
    name,
  );
}

type CompilerOutput = {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: {
    readonly [file: string]: {
      readonly [name: string]: {
        readonly abi: Abi;
        readonly evm: {
          readonly bytecode: { readonly object: string };
          readonly deployedBytecode: { readonly object: string };
        };
      };
    };
  };
};

/** Compiles one contract with the optimiser; any warning is an error. It may import those of `contracts/`, as `./<file>`. */
export function compile(source: string, name: string): Compiled {
  const solc = require('solc') as { compile: (input: string) => string };
  const input = {
    language: 'Solidity',
    sources: { ...shipped(), 'Contract.sol': { content: source } },
    settings: {
      optimizer: { enabled: true, runs: 10_000 },
      evmVersion: 'paris',
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as CompilerOutput;
  const complaints = (output.errors ?? []).map((error) => error.formattedMessage);
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
  const { abi, evm } = (output.contracts['Contract.sol']?.[name] ?? output.contracts[`${name}.sol`]?.[name])!;
  return { abi, bytecode: `0x${evm.bytecode.object}`, sizeBytes: evm.deployedBytecode.object.length / 2 };
}
