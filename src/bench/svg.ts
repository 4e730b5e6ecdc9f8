/** Small pieces of SVG and HTML. Colours come from the page's style sheet, so that drawings follow its light and dark modes. */

/** A drawing that fits its place: the page shows the one that is drawn for the width at hand. */
export type Drawing = (width: number) => string;

/** Text as it may stand in HTML and SVG, in quoted attributes too. */
export function escapeText(text: string): string {
  const named: { readonly [sign: string]: string } = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (sign) => named[sign] as string);
}

/** An element with attributes; `content` is markup. */
export function element(
  name: string,
  attributes: { readonly [attribute: string]: string | number },
  content = '',
): string {
  const list = Object.entries(attributes)
    .map(
      ([attribute, value]) =>
        ` ${attribute}="${escapeText(typeof value === 'number' ? short(value) : value)}"`,
    )
    .join('');
  return `<${name}${list}>${content}</${name}>`;
}

/** Text at a point. */
export function label(
  x: number,
  y: number,
  text: string,
  options: { readonly anchor?: 'start' | 'middle' | 'end'; readonly className?: string } = {},
): string {
  const { anchor = 'start', className = 'tick' } = options;
  return element('text', { x, y, 'text-anchor': anchor, class: className }, escapeText(text));
}

/** A straight line. */
export function line(x1: number, y1: number, x2: number, y2: number, className: string): string {
  return element('line', { x1, y1, x2, y2, class: className });
}

/** A line through points. */
export function path(points: readonly (readonly [x: number, y: number])[], className: string): string {
  const d = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${short(x)} ${short(y)}`).join('');
  return element('path', { d, class: className });
}

/** Shapes of data points, told apart without colour. */
export const MARKERS = ['circle', 'diamond', 'square', 'triangle'] as const;
export type Marker = (typeof MARKERS)[number];

/** A data point; `title` shows when the pointer rests on it. */
export function marker(shape: Marker, x: number, y: number, className: string, title = ''): string {
  const r = 5;
  const inside = title === '' ? '' : element('title', {}, escapeText(title));
  const polygon = (...corners: number[]): string => {
    const points = corners.map((value, i) => short(value * r + (i % 2 === 0 ? x : y))).join(' ');
    return element('polygon', { points, class: className }, inside);
  };
  if (shape === 'circle') return element('circle', { cx: x, cy: y, r, class: className }, inside);
  if (shape === 'diamond') return polygon(0, -1.25, 1.25, 0, 0, 1.25, -1.25, 0);
  if (shape === 'square') return polygon(-0.9, -0.9, 0.9, -0.9, 0.9, 0.9, -0.9, 0.9);
  return polygon(0, -1.2, 1.1, 0.9, -1.1, 0.9);
}

/** The drawing itself, with words for those who cannot see it. */
export function svg(width: number, height: number, description: string, content: string): string {
  return element(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': description },
    content,
  );
}

/** Position on a logarithmic axis. */
export function logScale(from: number, to: number, start: number, end: number): (value: number) => number {
  const [low, high] = [Math.log(from), Math.log(to)];
  return (value) => start + ((Math.log(value) - low) / (high - low)) * (end - start);
}

/** Ticks 1, 2, 5 times powers of ten between two values; only powers of ten where there would be too many. */
export function logTicks(from: number, to: number, most: number): number[] {
  const ticks = (steps: readonly number[]): number[] => {
    const found: number[] = [];
    for (let power = Math.floor(Math.log10(from)); power <= Math.ceil(Math.log10(to)); power++)
      for (const step of steps) {
        const value = step * 10 ** power;
        if (value >= from * 0.999 && value <= to * 1.001) found.push(value);
      }
    return found;
  };
  for (const steps of [[1, 2, 5], [1, 3], [1]]) {
    const found = ticks(steps);
    if (found.length <= most) return found;
  }
  return ticks([1]);
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}
