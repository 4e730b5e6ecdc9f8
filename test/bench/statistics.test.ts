import { describe, expect, it } from 'vitest';
import { alternate, median, ratioOf, summarise } from '../../src/bench/statistics.js';

describe('median', () => {
  it('default: middle of odd counts, mean of the middle two of even ones', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
});

describe('summarise and ratioOf', () => {
  it('default: median with spread', () => {
    expect(summarise([10, 30, 20])).toEqual({ medianMs: 20, minMs: 10, maxMs: 30, runs: 3 });
    expect(ratioOf([10, 20, 10], [20, 60, 50])).toEqual({ median: 3, min: 2, max: 5 });
  });
});

describe('alternate', () => {
  it('default: one uncounted run each, then in turn', async () => {
    const order: string[] = [];
    const task = (name: string) => async (): Promise<void> => {
      order.push(name);
    };
    const times = await alternate(task('a'), task('b'), 2);
    expect(order.join('')).toBe('ababab');
    expect([times.first.length, times.second.length]).toEqual([2, 2]);
  });
});
