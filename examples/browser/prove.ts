/**
 * A page that proves: fetches key and witness program once, then makes a proof in workers and verifies it with the verifier
 * that other pages load. Where the browser does not let threads share memory, it says so.
 */
import { openBrowserProver } from 'zkfinality/browser';
import {
  parseManifest,
  parseTrustAnchor,
  parseVerificationKey,
  verifyFinality,
  ZkFinalityError,
} from 'zkfinality/verify';
import { byId, element } from './dom.js';
import { load } from './keys.js';
import { verdictNodes } from './verdict.js';

const CIRCUIT = 'committee-4';
const button = byId('prove', HTMLButtonElement);
const progress = byId('progress', HTMLDivElement);
const bar = byId('bar', HTMLProgressElement);
const step = byId('step', HTMLLabelElement);
const result = byId('result', HTMLDivElement);

async function bytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(path);
  if (!response.ok)
    throw new Error(`${path}: the server answered ${response.status}. Run: npm run web:prove`);
  return new Uint8Array(await response.arrayBuffer());
}

function show(name: string, done: number): void {
  step.textContent = name;
  bar.value = done;
}

async function proveBlock(): Promise<void> {
  const manifest = parseManifest(await load('keys/manifest.json'));
  const entry = manifest.keys.find(({ circuit }) => circuit === CIRCUIT);
  if (entry === undefined) throw new Error(`the manifest has no key of ${CIRCUIT}`);
  show('loading the key', 0);
  const prover = await openBrowserProver({
    circuit: CIRCUIT,
    circuitHash: entry.circuitHash,
    provingKey: await bytes(`prove/${CIRCUIT}.zkey`),
    witnessProgram: await bytes(`prove/${CIRCUIT}.wasm`),
    onStep: (_, done) => show('loading the key', done),
  });
  try {
    const trust = await load('prove/trust.json');
    const block = new TextDecoder().decode(await bytes('prove/block.json'));
    const started = performance.now();
    const { proof } = await prover.prove({ block, anchor: trust }, show);
    const provedMs = performance.now() - started;

    const anchor = parseTrustAnchor(trust);
    const keys = [parseVerificationKey(await load(`keys/${entry.file}`))];
    const options = { anchor, manifest, verificationKeys: keys };
    const verify = () => {
      const before = performance.now();
      return { verdict: verifyFinality(proof, options), ms: performance.now() - before };
    };
    const [first, again] = [verify(), verify()];
    result.replaceChildren(
      element(
        'p',
        { id: 'timings' },
        'Proved in ',
        element('strong', { id: 'proved-ms' }, `${provedMs.toFixed(0)} ms`),
        ` on ${prover.threads} threads, after ${prover.loadMs.toFixed(0)} ms to start them and load the key.`,
      ),
      ...verdictNodes({
        result: first.verdict,
        document: proof,
        anchor,
        keys,
        sizeBytes: JSON.stringify(proof).length,
        firstMs: first.ms,
        againMs: again.ms,
      }),
    );
  } finally {
    prover.close();
  }
}

function explain(error: unknown): void {
  const { code, message } =
    error instanceof ZkFinalityError || isCoded(error) ? error : { code: 'FAILED', message: String(error) };
  result.replaceChildren(
    element(
      'p',
      { class: 'alert', role: 'alert', 'data-code': code },
      element('strong', {}, code),
      ` · ${message}`,
    ),
  );
}

/** The prover's script brings its own copy of the error classes. */
function isCoded(error: unknown): error is { readonly code: string; readonly message: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

button.addEventListener('click', () => {
  button.disabled = true;
  progress.hidden = false;
  result.replaceChildren();
  proveBlock()
    .catch(explain)
    .finally(() => {
      button.disabled = false;
      progress.hidden = true;
    });
});
document.documentElement.dataset.ready = 'true';
