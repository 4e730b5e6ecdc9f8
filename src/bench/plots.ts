/** The three drawings of a report: time by constraints, speed-up by threads, and where the time goes. */
import type { Contender, Entry, Report, Series } from './report.js';
import { ratioOf } from './statistics.js';
import {
  type Drawing,
  element,
  escapeText,
  label,
  line,
  logScale,
  logTicks,
  MARKERS,
  type Marker,
  marker,
  path,
  svg,
} from './svg.js';
import { CONTENDER_TITLES, formatTime } from './text.js';

/** A drawing with its legend. */
export type Plot = {
  readonly title: string;
  /** One sentence that says how to read it. */
  readonly caption: string;
  readonly legend: readonly { readonly className: string; readonly text: string; readonly marker?: Marker }[];
  readonly draw: Drawing;
};

const MARGIN = { top: 14, right: 18, bottom: 44, left: 52 };

/** Circuits that differ in size alone: the id without its number. */
function familyOf(subject: string): string {
  return subject.replace(/-[0-9]+$/, '');
}

type Point = { readonly x: number; readonly y: number; readonly title: string };

/** Whole processes from key and witness to proof; nothing if none was measured. */
export function timeByConstraints({ entries }: Report): Plot | undefined {
  const proofs = entries.filter(({ part }) => part === 'prove');
  if (proofs.length === 0) return undefined;
  const families = [...new Set(proofs.map(({ subject }) => familyOf(subject)))];
  const contenders = contendersOf(proofs);
  const pointsOf = (contender: Contender, family: string): Point[] =>
    proofs
      .filter(({ subject }) => familyOf(subject) === family)
      .flatMap(({ subject, size, series }) =>
        series
          .filter((one) => one.contender === contender)
          .map((one) => ({
            x: size,
            y: one.median / 1000,
            title: `${subject}, ${CONTENDER_TITLES[contender]}: ${formatTime(one.median)}`,
          })),
      )
      .sort((a, b) => a.x - b.x);
  const all = contenders.flatMap((contender) => families.flatMap((family) => pointsOf(contender, family)));
  const [xs, ys] = [all.map(({ x }) => x), all.map(({ y }) => y)];
  const markerOf = (family: string): Marker => MARKERS[families.indexOf(family) % MARKERS.length] as Marker;
  return {
    title: 'Time by constraints',
    caption:
      'Proving key and witness file to proof, whole process, all threads. Both axes are logarithmic; lower is faster.',
    legend: [
      ...contenders.map((contender) => ({ className: contender, text: CONTENDER_TITLES[contender] })),
      ...families.map((family) => ({ className: 'plain', text: family, marker: markerOf(family) })),
    ],
    draw: (width) => {
      const height = Math.round(Math.max(280, width * 0.62));
      const [left, right] = [MARGIN.left, width - MARGIN.right];
      const [top, bottom] = [MARGIN.top, height - MARGIN.bottom];
      const [fromX, toX] = [Math.min(...xs) / 1.3, Math.max(...xs) * 1.3];
      const [fromY, toY] = [Math.min(...ys) / 1.4, Math.max(...ys) * 1.4];
      const [x, y] = [logScale(fromX, toX, left, right), logScale(fromY, toY, bottom, top)];
      const parts = [
        ...logTicks(fromY, toY, 9).flatMap((tick) => [
          line(left, y(tick), right, y(tick), 'grid'),
          label(
            left - 8,
            y(tick) + 4,
            formatTime(tick * 1000)
              .replace('.00', '')
              .replace('.0', ''),
            { anchor: 'end' },
          ),
        ]),
        ...logTicks(fromX, toX, width > 420 ? 8 : 5).flatMap((tick) => [
          line(x(tick), bottom, x(tick), bottom + 5, 'axis'),
          label(x(tick), bottom + 19, compact(tick), { anchor: 'middle' }),
        ]),
        line(left, bottom, right, bottom, 'axis'),
        label((left + right) / 2, height - 6, 'constraints', { anchor: 'middle', className: 'axis-title' }),
        ...contenders.flatMap((contender) =>
          families.flatMap((family) => {
            const points = pointsOf(contender, family);
            return [
              points.length > 1
                ? path(
                    points.map((p) => [x(p.x), y(p.y)] as const),
                    `line ${contender}`,
                  )
                : '',
              ...points.map((p) => marker(markerOf(family), x(p.x), y(p.y), `dot ${contender}`, p.title)),
            ];
          }),
        ),
      ];
      return svg(
        width,
        height,
        `Time by constraints: ${all.map(({ title }) => title).join('; ')}`,
        parts.join(''),
      );
    },
  };
}

/** The prover alone, key loaded; nothing if it was not measured with several threads. */
export function speedUpByThreads({ entries }: Report): Plot | undefined {
  const measured = entries
    .filter(({ part }) => part === 'threads')
    .flatMap(({ subject, series }) =>
      contendersOf([{ series }]).flatMap((contender) => {
        const own = series.filter((one) => one.contender === contender).sort((a, b) => a.threads - b.threads);
        const single = own.find(({ threads }) => threads === 1);
        if (single === undefined || own.length < 2) return [];
        const points = own.map(({ threads, samples }) => ({ threads, ...ratioOf(samples, single.samples) }));
        return [{ subject, contender, points }];
      }),
    );
  if (measured.length === 0) return undefined;
  const subjects = [...new Set(measured.map(({ subject }) => subject))];
  const most = Math.max(...measured.flatMap(({ points }) => points.map(({ threads }) => threads)));
  const markerOf = (subject: string): Marker => MARKERS[subjects.indexOf(subject) % MARKERS.length] as Marker;
  const contenders = [...new Set(measured.map(({ contender }) => contender))];
  return {
    title: 'Speed-up by threads',
    caption:
      'The prover alone: key loaded, witness at hand. The dashed line is perfect scaling; bars span the runs.',
    legend: [
      ...contenders.map((contender) => ({ className: contender, text: CONTENDER_TITLES[contender] })),
      ...subjects.map((subject) => ({ className: 'plain', text: subject, marker: markerOf(subject) })),
    ],
    draw: (width) => {
      const height = Math.round(Math.max(280, width * 0.62));
      const [left, right] = [MARGIN.left, width - MARGIN.right - 40];
      const [top, bottom] = [MARGIN.top, height - MARGIN.bottom];
      const x = logScale(1, most, left + 18, right);
      const highest = Math.max(most, ...measured.flatMap(({ points }) => points.map(({ max }) => max)));
      const y = (value: number): number => bottom - ((value - 0.8) / (highest * 1.04 - 0.8)) * (bottom - top);
      const ticks = [1, 2, 4, 8, 16, 32, 64].filter((tick) => tick <= most);
      const heights =
        most <= 4 ? range(1, highest, most <= 2 ? 0.25 : 0.5) : range(1, highest, Math.ceil(most / 8));
      const parts = [
        ...heights.flatMap((tick) => [
          line(left, y(tick), width - MARGIN.right, y(tick), 'grid'),
          label(left - 8, y(tick) + 4, `${tick}×`, { anchor: 'end' }),
        ]),
        ...ticks.flatMap((tick) => [
          line(x(tick), bottom, x(tick), bottom + 5, 'axis'),
          label(x(tick), bottom + 19, String(tick), { anchor: 'middle' }),
        ]),
        line(left, bottom, width - MARGIN.right, bottom, 'axis'),
        label((left + right) / 2, height - 6, 'threads', { anchor: 'middle', className: 'axis-title' }),
        path(
          ticks.map((tick) => [x(tick), y(tick)] as const),
          'ideal',
        ),
        ...measured.map(({ subject, contender, points }, index) => {
          // Side by side, where points would cover each other.
          const shift = (index - (measured.length - 1) / 2) * 9;
          const at = (threads: number): number => x(threads) + (threads === 1 ? 0 : shift);
          return [
            path(
              points.map((p) => [at(p.threads), y(p.median)] as const),
              `line ${contender}`,
            ),
            ...points.flatMap((p) => [
              p.threads === 1
                ? ''
                : line(at(p.threads), y(p.min), at(p.threads), y(p.max), `spread ${contender}`),
              marker(
                markerOf(subject),
                at(p.threads),
                y(p.median),
                `dot ${contender}`,
                `${subject}, ${CONTENDER_TITLES[contender]}, ${p.threads} threads: ${p.median.toFixed(2)}×`,
              ),
            ]),
          ].join('');
        }),
      ];
      const words = measured.map(({ subject, contender, points }) => {
        const last = points.at(-1);
        return `${subject}, ${CONTENDER_TITLES[contender]}: ${last?.median.toFixed(2)} times at ${last?.threads} threads`;
      });
      return svg(width, height, `Speed-up by threads: ${words.join('; ')}`, parts.join(''));
    },
  };
}

/** Stages as people think of them, and how their names begin. */
const STAGES: readonly { readonly className: string; readonly text: string; readonly names: RegExp }[] = [
  { className: 'stage-load', text: 'load', names: /^(?:load|start)/ },
  { className: 'stage-witness', text: 'witness', names: /^(?:witness|second round)/ },
  { className: 'stage-transform', text: 'transforms', names: /^(?:rows|quotient)/ },
  { className: 'stage-sum', text: 'sums of points', names: /^(?:sum|commit)/ },
  { className: 'stage-rest', text: 'other', names: /./ },
];

/** Stages of ours, as parts of the whole; nothing if none were told. */
export function stageBreakdown({ entries }: Report): Plot | undefined {
  const largest = new Map<string, Entry>();
  for (const entry of entries)
    if (entry.part === 'prove' || entry.part === 'finality') {
      const family = `${entry.part} ${familyOf(entry.subject)}`;
      const known = largest.get(family);
      if (known === undefined || known.size < entry.size) largest.set(family, entry);
    }
  const bars = [...largest.values()].flatMap(({ subject, series }) =>
    series.flatMap((one) => {
      if (one.stagesMs === undefined) return [];
      return [
        { text: `${subject}, ${CONTENDER_TITLES[one.contender]}`, whole: one.median, shares: sharesOf(one) },
      ];
    }),
  );
  if (bars.length === 0) return undefined;
  return {
    title: 'Where the time goes',
    caption:
      'Stages of our prover as parts of the whole process, the largest circuit of each kind. “Other” is start, assembly, and what no stage counts.',
    legend: STAGES.map(({ className, text }) => ({ className, text })),
    draw: (width) => {
      const rowHeight = 46;
      const height = bars.length * rowHeight + 6;
      const content = bars.map(({ text, whole, shares }, row) => {
        const y = row * rowHeight;
        let x = 0;
        const pieces = shares.map((share, i) => {
          const from = x;
          x += share * width;
          const { className, text: stage } = STAGES[i] as (typeof STAGES)[number];
          const words = `${stage}: ${Math.round(share * 100)} %, ${formatTime(share * whole)}`;
          const piece = element(
            'rect',
            { x: from, y: y + 20, width: Math.max(0, x - from - 1.5), height: 18, class: className },
            element('title', {}, escapeText(words)),
          );
          const fits = (x - from > 34) as boolean;
          const share100 = `${Math.round(share * 100)} %`;
          return (
            piece +
            (fits ? label((from + x) / 2, y + 33, share100, { anchor: 'middle', className: 'on-bar' }) : '')
          );
        });
        return [
          label(0, y + 13, text, { className: 'bar-title' }),
          label(width, y + 13, formatTime(whole), { anchor: 'end', className: 'bar-value' }),
          ...pieces,
        ].join('');
      });
      const words = bars.map(({ text, shares }) =>
        [text, ...shares.map((share, i) => `${STAGES[i]?.text} ${Math.round(share * 100)} %`)].join(' '),
      );
      return svg(width, height, `Where the time goes: ${words.join('; ')}`, content.join(''));
    },
  };
}

/** Part of the whole that each group of stages took; what no stage counts goes to the last. */
function sharesOf({ stagesMs = {}, median }: Series): number[] {
  const shares = STAGES.map(() => 0);
  for (const [stage, ms] of Object.entries(stagesMs)) {
    const group = STAGES.findIndex(({ names }) => names.test(stage));
    shares[group] = (shares[group] ?? 0) + ms / median;
  }
  const counted = shares.reduce((sum, share) => sum + share, 0);
  const last = shares.length - 1;
  if (counted < 1) shares[last] = (shares[last] ?? 0) + 1 - counted;
  return counted > 1 ? shares.map((share) => share / counted) : shares;
}

function contendersOf(entries: readonly Pick<Entry, 'series'>[]): Contender[] {
  const present = new Set(entries.flatMap(({ series }) => series.map(({ contender }) => contender)));
  return (Object.keys(CONTENDER_TITLES) as Contender[]).filter((contender) => present.has(contender));
}

/** 14,395 as 14k. */
function compact(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  return value >= 1000 ? `${value / 1000}k` : String(value);
}

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.floor((to - from) / step + 1e-9) + 1 }, (_, i) => from + i * step);
}
