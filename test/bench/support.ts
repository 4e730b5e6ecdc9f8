/** Reports for tests: made of given samples. */
import {
  type Contender,
  completeReport,
  type Part,
  type RawEntry,
  type RawReport,
  type RawSeries,
  REPORT_KIND,
  type Report,
} from '../../src/bench/report.js';

export function series(
  contender: Contender,
  threads: number,
  samples: readonly number[],
  stagesMs?: RawSeries['stagesMs'],
): RawSeries {
  return { contender, threads, samples, ...(stagesMs === undefined ? {} : { stagesMs }) };
}

export function entry(part: Part, subject: string, all: readonly RawSeries[], size = 1000): RawEntry {
  return { part, subject, unit: part === 'field' ? 'ns' : 'ms', size, series: all };
}

export function report(entries: readonly RawEntry[], change: Partial<RawReport> = {}): Report {
  return completeReport({
    kind: REPORT_KIND,
    version: '1.2.3',
    snarkjs: '0.7.6',
    measuredAt: '2026-01-02T03:04:05.678Z',
    command: 'npx zkfinality bench',
    quick: false,
    machine: {
      cpu: 'Test processor',
      cores: 2,
      features: ['adx', 'avx2'],
      memoryBytes: 16e9,
      platform: 'linux x64',
      kernel: '6.1.0',
      node: 'v20.19.0',
      v8: '11.3',
      load: 0.1,
    },
    warnings: [],
    entries,
    ...change,
  });
}

/** One entry of every kind that drawings and tables treat in their own way. */
export const FULL: readonly RawEntry[] = [
  entry('field', 'multiplication in Fr', [
    series('wasm', 1, [40, 41, 42]),
    series('snarkjs', 1, [70, 71, 72]),
  ]),
  entry(
    'prove',
    'committee-4',
    [
      series('wasm', 2, [500, 510, 490], {
        'load key': 50,
        witness: 1,
        rows: 20,
        quotient: 100,
        'sum H': 200,
      }),
      series('native', 2, [200, 210, 190], { 'load key': 50, rows: 10, quotient: 40, 'sum H': 80 }),
      series('snarkjs', 2, [2000, 2100, 1900]),
      series('rapidsnark', 2, [400, 420, 380]),
    ],
    14_000,
  ),
  entry(
    'prove',
    'committee-32',
    [
      series('wasm', 2, [2000, 2100, 1900], { 'load key': 100, quotient: 600, 'sum H': 900 }),
      series('native', 2, [800, 820, 790]),
      series('snarkjs', 2, [8000, 9000, 7000]),
      series('rapidsnark', 2, [1600, 1650, 1580]),
    ],
    104_000,
  ),
  entry(
    'threads',
    'committee-32',
    [series('wasm', 1, [3600, 3610, 3590]), series('wasm', 2, [2000, 2010, 1990])],
    104_000,
  ),
  entry(
    'finality',
    'istanbul-ibft2-8',
    [
      {
        ...series('wasm', 2, [30_000, 31_000, 29_000], {
          'load key': 3000,
          witness: 2000,
          commit: 4000,
          'sum H': 9000,
        }),
        peakBytes: 2.5e9,
      },
    ],
    578_000,
  ),
];
