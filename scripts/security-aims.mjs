/** What docs/SECURITY_TESTS.md must hold: full counts of every suite, nothing accepted, nothing left out. */

/** Formats whose readers are given damaged files. */
export const FORMATS = [
  '.ptau',
  '.r1cs',
  '.sym',
  '.wtns',
  '.zkey',
  'Istanbul block, JSON',
  'Istanbul block, RLP',
  'committee block',
  'finality proof',
  'key manifest',
  'light-client state',
  'proof',
  'public signals',
  'registration',
  'trust anchor',
  'two-round finality proof',
  'two-round verification key',
  'verification key',
  'verified finality proof',
  'verified proof',
  'verified registration',
  'any file, by the command line',
  'block header',
  'receipt',
  'receipt proof',
  'trie node',
  'finality proof, WASM',
  'light-client state, WASM',
  'proof, WASM',
  'public signals, WASM',
  'registration, WASM',
  'two-round finality proof, WASM',
  'two-round verification key, WASM',
  'verification key, WASM',
  'verified finality proof, WASM',
  'verified proof, WASM',
  'verified registration, WASM',
];

/**
 * Compares figures with the aims.
 *
 * @param tables - Content of docs/figures.json.
 * @param mistakes - Number of entries of test/security/known-mistakes.json.
 * @returns What is missing or wrong, in words; empty when all is there.
 */
export function missingFigures(tables, mistakes) {
  const missing = [];
  const check = (holds, text) => {
    if (!holds) missing.push(text);
  };
  const rows = (table) => Object.values(tables[table] ?? {}).flatMap((file) => file.rows);
  const sum = (list) => list.reduce((total, row) => total + row.cases, 0);

  const attacks = rows('security-proofs');
  const attack = (start) => attacks.filter((row) => row.attack.startsWith(start));
  check(sum(attack('every bit of every coordinate')) >= 3 * (2_048 + 2_560), 'every bit of every coordinate');
  check(sum(attack('structured tampers')) >= 20_000, '10,000 structured tampers, twice');
  check(sum(attack('re-randomisations')) >= 1_200, '600 re-randomisations, twice');
  check(attack('public inputs').length === 4, 'public inputs of both proof systems, twice');
  for (const row of attacks)
    check(
      row.accepted === (row.attack.startsWith('re-randomisations') ? row.cases : 0),
      `${row.attack}: ${row.accepted} accepted`,
    );
  const keys = rows('security-keys');
  check(keys.length >= 12 && keys.every((row) => row.accepted === 0), '12 kinds of weak or foreign keys');
  const agreement = rows('security-agreement');
  check(sum(agreement) >= 11_000, '11,000 cases of agreement');
  check(
    agreement.every((row) => row['answers of ours in WASM'] === row.cases),
    'answers of ours in WASM to all of them',
  );
  check(
    agreement.every((row) => row['undocumented differences'] === 0),
    'agreement without differences',
  );
  const formats = rows('security-malformed');
  for (const name of FORMATS) {
    const row = formats.find(({ format }) => format === name);
    check(row?.cases >= 1_000 && row.hangs === 0 && row['unlisted codes'] === 0, `1,000 malformed: ${name}`);
  }
  const snarkjs = rows('security-snarkjs');
  check(
    snarkjs.length >= 40 && snarkjs.every((row) => row.zkfinality !== 'accepts'),
    'table against snarkjs',
  );
  const processes = rows('security-processes');
  const process = (start) => processes.filter((row) => row.check.startsWith(start));
  check(
    processes.every((row) => row.failures === 0),
    'processes without failures',
  );
  check(sum(process('kill -9 at random instants')) >= 50, '50 kills');
  check(sum(process('soak')) >= 1_000, '1,000 proofs in one process');
  check(
    process('setup and proof by').length === 2 && process('process exit').length >= 4,
    'threads and exit',
  );
  check(rows('security-known-mistakes').length === mistakes, `${mistakes} known mistakes`);
  return missing;
}
