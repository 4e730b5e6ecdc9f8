/** What this package promises about its speed, judged against what was measured. */
import type { Contender, Entry, Part, Series } from './report.js';
import { ratioOf, type Summary } from './statistics.js';

/** Subjects of the part `large`. */
export const LARGE_SETUP = 'development setup, 2^20';
export const LARGE_PROOF = 'proof, 2^20';

/** `ratio`: at least so many times faster. `seconds`: at most so long. `gibibytes`: at most so much memory, the key's with it. */
type Target = {
  readonly name: string;
  readonly kind: 'ratio' | 'seconds' | 'gibibytes';
  readonly part: Part;
  readonly subject: string;
  readonly ours: Contender;
  /** What it is compared with; `single` is ours with one thread. */
  readonly against?: Contender | 'single';
  readonly atLeast: number;
  readonly aim: number;
};

export type TargetResult = Pick<Target, 'name' | 'kind' | 'atLeast' | 'aim'> & {
  /** Absent where nothing was measured that tells. */
  readonly measured?: Summary;
  readonly verdict: 'aim met' | 'met' | 'not met' | 'not measured';
};

/** Circuit of Keccak-256 alone in bits: the bit-heavy plain circuit. */
export const KECCAK = 'keccak-5';
const COMMITTEE = 'committee-32';
/** The largest Istanbul circuit of a domain of 2^20 whose key is committed. */
const ISTANBUL = 'istanbul-ibft2-8';

const prove = (subject: string, ours: Contender, against: Contender, least: number, aim: number): Target => ({
  name: `${subject}: ${ours} against ${against}, key and witness to proof`,
  kind: 'ratio',
  part: 'prove',
  subject,
  ours,
  against,
  atLeast: least,
  aim,
});
const threads = (subject: string, ours: Contender): Target => ({
  name: `${subject}: ${ours}, two threads against one, prover without witness`,
  kind: 'ratio',
  part: 'threads',
  subject,
  ours,
  against: 'single',
  atLeast: 1.7,
  aim: 1.9,
});
const finality = (ours: Contender, least: number, aim: number): Target => ({
  name: `${ISTANBUL}: ${ours}, prove with keys in place, domain 2^20`,
  kind: 'seconds',
  part: 'finality',
  subject: ISTANBUL,
  ours,
  atLeast: least,
  aim,
});

const large = (subject: string, kind: 'seconds' | 'gibibytes', ours: Contender, bound: number): Target => ({
  name: `${subject} constraints: ${ours}, ${kind === 'seconds' ? 'whole process' : 'most resident memory'}`,
  kind,
  part: 'large',
  subject,
  ours,
  atLeast: bound,
  aim: bound,
});

const TARGETS: readonly Target[] = [
  prove(COMMITTEE, 'wasm', 'snarkjs', 3, 5),
  prove(KECCAK, 'wasm', 'snarkjs', 5, 8),
  prove(COMMITTEE, 'native', 'rapidsnark', 1.3, 2.5),
  prove(KECCAK, 'native', 'rapidsnark', 1.3, 2.5),
  threads(COMMITTEE, 'wasm'),
  threads(KECCAK, 'wasm'),
  threads(COMMITTEE, 'native'),
  threads(KECCAK, 'native'),
  finality('wasm', 60, 20),
  finality('native', 20, 6),
  {
    name: 'committee-16: setup from a .ptau of 2^16, wasm against snarkjs, same bytes',
    kind: 'ratio',
    part: 'setup',
    subject: 'committee-16',
    ours: 'wasm',
    against: 'snarkjs',
    atLeast: 5,
    aim: 5,
  },
  large(LARGE_SETUP, 'seconds', 'wasm', 180),
  large(LARGE_PROOF, 'gibibytes', 'wasm', 3),
  large(LARGE_PROOF, 'gibibytes', 'native', 3),
];

/** Judges every target. The median decides; `measured` also has the spread. */
export function judgeTargets(entries: readonly Entry[]): TargetResult[] {
  return TARGETS.map((target) => {
    const { name, kind, atLeast, aim } = target;
    const measured = measure(target, entries);
    const common = { name, kind, atLeast, aim };
    if (measured === undefined) return { ...common, verdict: 'not measured' as const };
    const reaches = (bound: number): boolean =>
      kind === 'ratio' ? measured.median >= bound : measured.median <= bound;
    const verdict = reaches(aim) ? 'aim met' : reaches(atLeast) ? 'met' : 'not met';
    return { ...common, measured, verdict };
  });
}

function measure(
  { kind, part, subject, ours, against }: Target,
  entries: readonly Entry[],
): Summary | undefined {
  const entry = entries.find((one) => one.part === part && one.subject === subject);
  if (entry === undefined) return undefined;
  const ofOurs = entry.series.filter(({ contender }) => contender === ours);
  const mine = against === 'single' ? ofOurs.find((one) => one.threads === 2) : mostThreads(ofOurs);
  if (mine === undefined) return undefined;
  if (kind === 'gibibytes') {
    if (mine.peakBytes === undefined) return undefined;
    const gibibytes = mine.peakBytes / 2 ** 30;
    return { median: gibibytes, min: gibibytes, max: gibibytes };
  }
  if (kind === 'seconds') {
    const seconds = ({ median, min, max }: Summary): Summary => ({
      median: median / 1000,
      min: min / 1000,
      max: max / 1000,
    });
    return seconds(mine);
  }
  const other =
    against === 'single'
      ? ofOurs.find((one) => one.threads === 1)
      : mostThreads(entry.series.filter(({ contender }) => contender === against));
  return other === undefined ? undefined : ratioOf(mine.samples, other.samples);
}

function mostThreads(series: readonly Series[]): Series | undefined {
  return [...series].sort((a, b) => b.threads - a.threads)[0];
}
