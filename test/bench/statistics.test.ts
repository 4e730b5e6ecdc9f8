import { describe, expect, it } from 'vitest';
import { alternate, median, ratioOf, summarise } from '../../src/bench/statistics.js';

describe('median', () => {
  it('default: middle of odd counts, mean of the middle two of even ones', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('behavior: leaves the list as it was', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('summarise and ratioOf', () => {
  it('default: median with spread', () => {
    expect(summarise([10, 30, 20])).toEqual({ median: 20, min: 10, max: 30 });
    expect(ratioOf([10, 20, 10], [20, 60, 50])).toEqual({ median: 3, min: 2, max: 5 });
  });

  it('behavior: ratios pair runs of one round, they do not divide medians', () => {
    // A machine that is three times slower in the second round slows both.
    expect(ratioOf([10, 30, 10], [20, 60, 20])).toEqual({ median: 2, min: 2, max: 2 });
  });

  it('behavior: keeps three decimals, so that what is read back is what was written', () => {
    expect(summarise([1 / 3])).toEqual({ median: 0.333, min: 0.333, max: 0.333 });
  });
});

describe('alternate', () => {
  it('default: in turn, samples by task', async () => {
    const order: string[] = [];
    const task = (name: string, ms: number) => async (): Promise<number> => {
      order.push(name);
      return ms;
    };
    const samples = await alternate([task('a', 1), task('b', 2), task('c', 3)], 2);
    expect(order.join('')).toBe('abcabc');
    expect(samples).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  it('error: what a task throws ends the rounds', async () => {
    let calls = 0;
    const failing = async (): Promise<number> => {
      calls++;
      throw new Error('no');
    };
    await expect(alternate([failing], 3)).rejects.toThrow('no');
    expect(calls).toBe(1);
  });
});
