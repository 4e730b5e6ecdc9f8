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
  /** These inverses and sums stand in one linear row. */
  tie(wires: readonly number[]): void;
  /** The row was a balance, not a definition. */
  close(wire: number): void;
  /** Checks every group. */
  finish(): void;
};

/** Starts without any group. `degrees`: degree in x of each power wire. */
export function createBalances(degrees: Float64Array, label: (wire: number) => string): Balances {
  const parents = new Map<number, number>();
  const inverses: { readonly wire: number; readonly pole: number; readonly below: number }[] = [];
  const closed: number[] = [];
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
  return {
    add(wire, pole, below) {
      inverses.push({ wire, pole, below });
    },
    tie(wires) {
      for (const wire of wires) parents.set(rootOf(wire), rootOf(wires[0]!));
    },
    close(wire) {
      closed.push(wire);
    },
    finish() {
      const balanced = new Set(closed.map(rootOf));
      const groups = new Map<number, { pole: number; below: number; count: number }>();
      for (const { wire, pole, below } of inverses) {
        const root = rootOf(wire);
        if (!balanced.has(root)) {
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
