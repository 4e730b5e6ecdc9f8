import { cpus } from 'node:os';
import { describe, expect, it } from 'vitest';
import { busyWarning, describeMachine } from '../../src/bench/machine.js';

describe('describeMachine', () => {
  it('default: this machine', () => {
    const machine = describeMachine();
    expect(machine).toMatchObject({ node: process.version, v8: process.versions.v8 });
    expect(machine.cores).toBeGreaterThanOrEqual(1);
    expect(machine.cores).toBeLessThanOrEqual(cpus().length);
    expect(machine.memoryBytes).toBeGreaterThan(1e8);
    expect(machine.platform).toBe(`${process.platform} ${process.arch}`);
    expect(Number.isFinite(machine.load)).toBe(true);
  });
});

describe('busyWarning', () => {
  const at = (load: number, cores: number) => busyWarning({ ...describeMachine(), load, cores });

  it('default: silent on a quiet machine, and where the system tells no load', () => {
    expect(at(0, 2)).toBeUndefined();
    expect(at(0.4, 2)).toBeUndefined();
    expect(at(3, 64)).toBeUndefined();
  });

  it('behavior: names the load of a busy one', () => {
    expect(at(0.41, 2)).toContain('load 0.41 on 2 cores');
    expect(at(6, 2)).toContain('load 6');
  });
});
