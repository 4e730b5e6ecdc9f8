/** What a benchmark ran on, and whether the machine was quiet. */
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';

/** Fingerprint of a machine. The first five fields say which machine it is, the others what ran on it. */
export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  /** Instruction sets that provers make use of. */
  readonly features: readonly string[];
  readonly memoryBytes: number;
  /** Such as `linux x64`. */
  readonly platform: string;
  readonly kernel: string;
  readonly node: string;
  readonly v8: string;
  /** Mean number of running processes in the last minute, when the benchmark began; 0 where the system does not tell. */
  readonly load: number;
};

const FEATURES = ['adx', 'avx2', 'avx512f', 'avx512ifma', 'bmi2', 'asimd', 'sha2'];
/** Share of the cores that others may use before figures become doubtful. */
const QUIET_SHARE = 0.2;

/** Describes this machine. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() || 'unknown',
    cores: availableParallelism(),
    features: cpuFeatures(),
    memoryBytes: totalmem(),
    platform: `${platform()} ${arch()}`,
    kernel: release(),
    node: process.version,
    v8: process.versions.v8,
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

function cpuFeatures(): string[] {
  try {
    const flags = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
    const known = new Set(flags.split(' '));
    return FEATURES.filter((feature) => known.has(feature));
  } catch {
    // Not Linux: the processor's name has to do.
    return [];
  }
}

/** A sentence for people if others keep the machine busy, so that figures mean little. */
export function busyWarning({ load, cores }: Machine): string | undefined {
  if (load <= cores * QUIET_SHARE) return undefined;
  return `the machine was busy when the benchmark began: load ${load} on ${cores} cores. Ratios of alternating runs still mean something, times do not.`;
}

/** The fields that make it another machine, for those that differ; memory may differ by what the system keeps for itself. */
export function machineDifferences(a: Machine, b: Machine): string[] {
  const different: string[] = [];
  for (const field of ['cpu', 'cores', 'platform'] as const)
    if (a[field] !== b[field]) different.push(`${field}: ${a[field]}, now ${b[field]}`);
  if (a.features.join() !== b.features.join())
    different.push(`features: ${a.features.join(' ') || 'none'}, now ${b.features.join(' ') || 'none'}`);
  if (Math.abs(a.memoryBytes - b.memoryBytes) > 0.05 * a.memoryBytes)
    different.push(`memory: ${a.memoryBytes} bytes, now ${b.memoryBytes}`);
  return different;
}
