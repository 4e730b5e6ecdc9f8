/**
 * The report as one web page: text, bars and three drawings, without scripts and without anything from elsewhere.
 */
import { STYLE } from './html-style.js';
import { type Plot, speedUpByThreads, stageBreakdown, timeByConstraints } from './plots.js';
import type { Entry, Report } from './report.js';
import { element, escapeText, marker, svg } from './svg.js';
import type { TargetResult } from './targets.js';
import {
  contenderTitle,
  entriesByPart,
  formatBound,
  formatMachine,
  formatMeasured,
  formatMemory,
  formatTime,
  PART_TITLES,
  ratiosOfSeries,
} from './text.js';

/** Widths that drawings are made for: half a desktop page, the whole of it, a tablet, a phone. */
const WIDTHS = { half: 500, whole: 1036, tablet: 680, phone: 310 };

/** The page, complete. */
export function reportHtml(report: Report): string {
  const { version, measuredAt, machine, warnings, command, snarkjs } = report;
  const body = [
    '<header>',
    '<h1>zkfinality benchmark</h1>',
    `<p class="soft">${escapeText(`${report.quick ? 'Generated circuits' : 'Circuits of chains'}, version ${version}, beside snarkjs ${snarkjs}. Measured ${measuredAt.slice(0, 16).replace('T', ' ')} UTC.`)}</p>`,
    `<p class="soft small">${escapeText(formatMachine(machine))}</p>`,
    ...warnings.map((warning) => `<p class="warning">${escapeText(`Warning: ${warning}`)}</p>`),
    '</header>',
    headlines(report),
    plots(report),
    targets(report),
    ...entriesByPart(report).map(
      ([part, entries]) =>
        `<section><h2>${escapeText(PART_TITLES[part])}</h2><div class="pair">${entries.map(entryCard).join('')}</div></section>`,
    ),
    '<footer>',
    '<p>Contenders take turns, A B A B …, on the same files; bars and times are medians, ratios are medians of paired runs with their least and greatest in brackets.',
    'Proofs of all contenders were verified, and results of their arithmetic, witnesses and keys compared byte by byte.</p>',
    `<p>Again with: <code>${escapeText(command)}</code></p>`,
    '</footer>',
  ];
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<title>zkfinality benchmark</title>',
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    `<main>${body.join('\n')}</main>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** The ratios against other provers that stand for the whole, largest circuits first. */
function headlines({ entries }: Report): string {
  const proofs = entries.filter(({ part }) => part === 'prove').sort((a, b) => b.size - a.size);
  const cards = proofs
    .flatMap(({ subject, ratios }) => ratios.map((ratio) => ({ subject, ...ratio })))
    // Ours in JavaScript against snarkjs, native against native.
    .filter(({ ours, other }) => ours.startsWith('wasm') === other.startsWith('snarkjs'))
    .slice(0, 4)
    .map(({ subject, ours, other, median }) => {
      const [mine = '', theirs = ''] = [ours.split('/')[0], other.split('/')[0]];
      return `<div class="card"><div class="big ${mine}">${median.toFixed(1)}×</div><div>as fast as ${escapeText(theirs)}</div><div class="soft small">${escapeText(`${subject}, ${mine === 'wasm' ? 'WASM' : mine}, key and witness to proof`)}</div></div>`;
    });
  return cards.length === 0 ? '' : `<div class="cards">${cards.join('')}</div>`;
}

function plots(report: Report): string {
  const halves = [timeByConstraints(report), speedUpByThreads(report)].filter((plot) => plot !== undefined);
  const whole = stageBreakdown(report);
  if (halves.length === 0 && whole === undefined) return '';
  return [
    '<section><h2>At a glance</h2>',
    `<div class="pair">${halves.map((plot) => `<div class="card">${figure(plot, WIDTHS.half)}</div>`).join('')}</div>`,
    whole === undefined ? '' : `<div class="card wide">${figure(whole, WIDTHS.whole)}</div>`,
    '</section>',
  ].join('');
}

function figure({ title, caption, legend, draw }: Plot, width: number): string {
  const items = legend.map(({ className, text, marker: shape }) => {
    const chip =
      shape === undefined
        ? `<span class="chip back-${className} ${className}"></span>`
        : svg(14, 14, shape, marker(shape, 7, 7, `dot ${className}`));
    return `<li>${chip}${escapeText(text)}</li>`;
  });
  return [
    `<figure><h3>${escapeText(title)}</h3><figcaption>${escapeText(caption)}</figcaption>`,
    `<ul class="legend">${items.join('')}</ul>`,
    `<div class="drawing wide">${draw(width)}</div>`,
    `<div class="drawing middle">${draw(WIDTHS.tablet)}</div>`,
    `<div class="drawing narrow">${draw(WIDTHS.phone)}</div></figure>`,
  ].join('');
}

function targets({ targets: all }: Report): string {
  if (all.every(({ verdict }) => verdict === 'not measured')) return '';
  const rows = all.map((target) => {
    const cells = [
      `<td>${escapeText(target.name)}</td>`,
      `<td class="number" data-name="at least">${escapeText(formatBound(target, target.atLeast))}</td>`,
      `<td class="number" data-name="aim">${escapeText(formatBound(target, target.aim))}</td>`,
      `<td class="number" data-name="measured">${escapeText(formatMeasured(target))}</td>`,
      `<td><span class="verdict ${verdictClass(target)}">${target.verdict}</span></td>`,
    ];
    return `<tr>${cells.join('')}</tr>`;
  });
  return [
    '<section><h2>What we promise</h2><div class="card"><table>',
    '<thead><tr><th>target</th><th>at least</th><th>aim</th><th>measured (min–max)</th><th></th></tr></thead>',
    `<tbody>${rows.join('')}</tbody></table></div></section>`,
  ].join('');
}

function verdictClass({ verdict }: TargetResult): string {
  if (verdict === 'not measured') return 'none';
  return verdict === 'not met' ? 'bad' : 'good';
}

function entryCard(entry: Entry): string {
  const slowest = Math.max(...entry.series.map(({ median }) => median));
  const bars = entry.series.map((series) => {
    const { contender, threads, median, min, max } = series;
    const title = `${formatTime(min, entry.unit)} to ${formatTime(max, entry.unit)}`;
    const many = new Set(entry.series.map((one) => one.threads)).size > 1;
    const name = `${contenderTitle(contender, entry.part)}${many ? `, ${threads} ${threads === 1 ? 'thread' : 'threads'}` : ''}`;
    const bar = element('span', {
      class: `back-${contender}`,
      style: `width:${((100 * median) / slowest).toFixed(1)}%`,
    });
    return `<div>${escapeText(name)}</div>${element('div', { class: 'track', title }, bar)}<div class="time">${escapeText(formatTime(median, entry.unit))}</div>`;
  });
  const ratios = entry.series.flatMap((series) =>
    ratiosOfSeries(entry, series).map(
      (text) => `<li>${escapeText(`${contenderTitle(series.contender, entry.part)}: ${text}`)}</li>`,
    ),
  );
  const memory = entry.series
    .filter(({ peakBytes }) => peakBytes !== undefined)
    .map((series) => `${contenderTitle(series.contender, entry.part)} ${formatMemory(series)}`);
  const notes = [
    ...ratios,
    ...(memory.length === 0 ? [] : [`<li>${escapeText(`Peak memory: ${memory.join(', ')}`)}</li>`]),
  ];
  const size =
    entry.part === 'field' || entry.part === 'msm' || entry.part === 'fft' || entry.part === 'verify'
      ? ''
      : `, ${entry.size.toLocaleString('en')} constraints`;
  return [
    `<div class="card"><h3>${escapeText(entry.subject)}<span class="soft small">${escapeText(size)}</span></h3>`,
    `<div class="bars">${bars.join('')}</div>`,
    notes.length === 0 ? '' : `<ul class="ratios">${notes.join('')}</ul>`,
    '</div>',
  ].join('');
}
