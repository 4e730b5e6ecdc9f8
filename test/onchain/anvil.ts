/** A local Ethereum node of its own for a test, and the Solidity compiler. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import {
  type Abi,
  type Address,
  createPublicClient,
  createWalletClient,
  type Hex,
  http,
  type PublicClient,
  type TransactionReceipt,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { foundry } from 'viem/chains';

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
  readonly deploy: (contract: Compiled) => Promise<Address>;
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
    deploy: async ({ abi, bytecode }) => {
      const hash = await walletClient.deployContract({ abi, bytecode });
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

/** Compiles one contract with the optimiser; any warning is an error. */
export function compile(source: string, name: string): Compiled {
  const solc = require('solc') as { compile: (input: string) => string };
  const input = {
    language: 'Solidity',
    sources: { 'Contract.sol': { content: source } },
    settings: {
      optimizer: { enabled: true, runs: 10_000 },
      evmVersion: 'paris',
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as CompilerOutput;
  const complaints = (output.errors ?? []).map((error) => error.formattedMessage);
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
  const { abi, evm } = output.contracts['Contract.sol']![name]!;
  return { abi, bytecode: `0x${evm.bytecode.object}`, sizeBytes: evm.deployedBytecode.object.length / 2 };
}
