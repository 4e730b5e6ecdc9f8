/**
 * What the balances of a lookup argument tie together: each group of inverses needs a balance, one pole, and a pole above
 * its folds (analysis: Σ 1/(z − e_i) with z = x^E and e_i of degree d in x is a rational identity in two independent
 * unknowns as long as E > d·(number of inverses − 1)).
 */
import { FileError } from '../statement/errors.js';

/** Groups of inverses that balances tie together. */
export type Balances = {
  /** A new inverse with its pole and the degree of what the pole separates. */
  add(wire: number, pole: number, below: number): void;
  /** A row that defines `target` as a sum of these inverses and sums. */
  sum(target: number, wires: readonly number[]): void;
  /** A row that makes a sum of these inverses and sums vanish. */
  balance(wires: readonly number[]): void;
  /** Checks every group. */
  finish(): void;
};

/** Starts without any group. `degrees`: degree in x of each power wire. */
export function createBalances(degrees: Float64Array, label: (wire: number) => string): Balances {
  const parents = new Map<number, number>();
  const inverses: { readonly wire: number; readonly pole: number; readonly below: number }[] = [];
  const members = new Map<number, readonly number[]>();
  const balanced = new Set<number>();
  const rootOf = (wire: number): number => {
    let root = wire;
    for (
      let parent = parents.get(root);
      parent !== undefined && parent !== root;
      parent = parents.get(root)
    ) {
      const above = parents.get(parent) ?? parent;
      parents.set(root, above);
      root = parent;
    }
    return root;
  };
  const tie = (wires: readonly number[]): void => {
    for (const wire of wires) parents.set(rootOf(wire), rootOf(wires[0]!));
  };
  return {
    add(wire, pole, below) {
      inverses.push({ wire, pole, below });
    },
    sum(target, wires) {
      members.set(target, wires);
      tie([target, ...wires]);
    },
    balance(wires) {
      for (const wire of wires) balanced.add(wire);
      tie(wires);
    },
    finish() {
      // A set grows while it is walked: members of balanced sums are balanced.
      for (const wire of balanced) for (const member of members.get(wire) ?? []) balanced.add(member);
      const groups = new Map<number, { pole: number; below: number; count: number }>();
      for (const { wire, pole, below } of inverses) {
        const root = rootOf(wire);
        if (!balanced.has(wire)) {
          throw new FileError(
            'PARTITION_UNBALANCED',
            `circuit: inverse ${label(wire)} takes part in no balance, so its lookup is not enforced. Add its sum to the table's balance.`,
          );
        }
        const group = groups.get(root) ?? { pole, below, count: 0 };
        if (group.pole !== pole) {
          throw poleError(
            label(wire),
            `two poles, ${label(group.pole)} and ${label(pole)}, in one balance`,
            'Use one pole.',
          );
        }
        groups.set(root, { pole, below: Math.max(group.below, below), count: group.count + 1 });
      }
      for (const [root, { pole, below, count }] of groups) {
        const bound = below * (count - 1);
        if (below > 0 && degrees[pole]! <= bound) {
          throw poleError(
            label(root),
            `a pole x^${degrees[pole]} over ${count} inverses with folds of degree ${below}`,
            `Take a pole of degree above ${bound}.`,
          );
        }
      }
    },
  };
}

function poleError(wire: string, found: string, next: string): FileError {
  return new FileError('PARTITION_POLE', `circuit: the balance of ${wire} has ${found}. ${next}`);
}
