/**
 * A page that checks finality proofs. All of it runs here: the verifier is `zkfinality/verify` as the package ships it for
 * browsers, and the content security policy of the server lets the page load nothing but its own files.
 */
import {
  type KeyManifest,
  parseTrustAnchor,
  type TrustAnchor,
  type VerificationKey,
} from 'zkfinality/verify';
import { checkDocument } from './check.js';
import { type DroppedProof, readDropped } from './documents.js';
import { byId, element } from './dom.js';
import { load, packageManifest } from './keys.js';
import { outcome, verdictNodes } from './verdict.js';

/** What is checked, and the registrations that come with a demonstration. */
type Proof = DroppedProof & { readonly registrations?: readonly unknown[] };
type Anchor = { readonly id: string; readonly name: string; readonly anchor: TrustAnchor | undefined };

/** What the page checks, and against what. */
const state: {
  proof: Proof | undefined;
  anchor: string;
  /** Whether the anchor was picked by hand, so that it stays for the next proof. */
  anchorChosen: boolean;
  anchors: Anchor[];
  manifest: KeyManifest;
  ownKeys: VerificationKey[];
  /** Registrations that were dropped: they hold for the proofs that come after. */
  registrations: unknown[];
} = {
  proof: undefined,
  anchor: 'none',
  anchorChosen: false,
  anchors: [],
  manifest: await packageManifest(),
  ownKeys: [],
  registrations: [],
};

const demoAnchor = parseTrustAnchor(await load('demo/trust.json'));
state.anchors = [
  { id: 'demo', name: 'Demonstration network', anchor: demoAnchor },
  {
    id: 'strict',
    name: 'The same, production keys only',
    anchor: { ...demoAnchor, allowDevelopmentKeys: false },
  },
  { id: 'none', name: 'None', anchor: undefined },
];

type Record = { readonly [field: string]: unknown };
type Demo = {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly file: string;
  readonly anchor: string;
  /** Whether the second set of the network was registered before. */
  readonly registered?: boolean;
  readonly change?: (proof: Record) => Record;
};

const DEMOS: readonly Demo[] = [
  {
    id: 'final',
    title: 'A final block',
    text: 'Sealed by the trusted set',
    file: 'block-2.proof',
    anchor: 'demo',
  },
  {
    id: 'unregistered',
    title: 'An unknown set',
    text: 'A validator has joined',
    file: 'block-4.proof',
    anchor: 'demo',
  },
  {
    id: 'registration',
    title: 'A registration',
    text: 'Its keys are its own',
    file: 'registration',
    anchor: 'demo',
  },
  {
    id: 'changed',
    title: 'A changed set',
    text: 'The same block, after that',
    file: 'block-4.proof',
    anchor: 'demo',
    registered: true,
  },
  {
    id: 'altered',
    title: 'An altered block',
    text: 'One digit of its hash',
    file: 'block-2.proof',
    anchor: 'demo',
    change: (proof) => ({ ...proof, statement: alterHash(proof.statement as Record) }),
  },
  {
    id: 'foreign',
    title: 'Another chain',
    text: 'Replayed on chain 1',
    file: 'block-2.proof',
    anchor: 'demo',
    change: (proof) => ({ ...proof, chainId: '1' }),
  },
  {
    id: 'strict',
    title: 'A strict anchor',
    text: 'No development keys',
    file: 'block-2.proof',
    anchor: 'strict',
  },
  { id: 'unanchored', title: 'No anchor', text: 'Valid, for nobody', file: 'block-2.proof', anchor: 'none' },
];

function alterHash(statement: Record): Record {
  const hash = statement.blockHash as string;
  return { ...statement, blockHash: `${hash.slice(0, -1)}${hash.endsWith('0') ? '1' : '0'}` };
}

const result = byId('result', HTMLDivElement);
const drop = byId('drop', HTMLLabelElement);
const files = byId('files', HTMLInputElement);
const fileError = byId('file-error', HTMLParagraphElement);

/** Checks what is there and shows the verdict. */
async function check(): Promise<void> {
  showInputs();
  const { proof, manifest, ownKeys } = state;
  if (proof === undefined) return;
  const anchor = state.anchors.find(({ id }) => id === state.anchor)?.anchor;
  const registrations = proof.registrations ?? state.registrations;
  const checked = await checkDocument(proof, { anchor, manifest, ownKeys, registrations });
  if (state.proof !== proof) return;
  result.replaceChildren(...verdictNodes(checked));
  result.dataset.outcome = outcome(checked);
  showVerdict();
}

/** On a narrow screen the verdict stands below the fold. */
function showVerdict(): void {
  const verdict = byId('verdict', HTMLElement);
  if (verdict.getBoundingClientRect().top < window.innerHeight * 0.6) return;
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  verdict.scrollIntoView({ behavior: still ? 'auto' : 'smooth', block: 'start' });
}

function showInputs(): void {
  byId('anchors', HTMLDivElement).replaceChildren(
    ...state.anchors.map(({ id, name }) => {
      const input = element('input', { type: 'radio', name: 'anchor', value: id });
      input.checked = id === state.anchor;
      input.addEventListener('change', () => {
        state.anchor = id;
        state.anchorChosen = true;
        markDemo(undefined);
        void check().then(() => document.querySelector<HTMLInputElement>(`input[value="${id}"]`)?.focus());
      });
      return element('label', {}, input, element('span', {}, name));
    }),
  );
  const row = (name: string, value: string): HTMLElement =>
    element('div', {}, element('dt', {}, name), element('dd', {}, value));
  const registrations = state.proof?.registrations ?? state.registrations;
  byId('basis', HTMLDListElement).replaceChildren(
    row('Document', state.proof?.name ?? 'none yet'),
    row('Key manifest', `${state.manifest.name}, ${state.manifest.keys.length} keys`),
    ...(state.ownKeys.length === 0 ? [] : [row('Keys of yours', String(state.ownKeys.length))]),
    ...(registrations.length === 0 ? [] : [row('Registrations', String(registrations.length))]),
  );
}

function markDemo(pressed: string | undefined): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('#demos button'))
    button.setAttribute('aria-pressed', String(button.dataset.demo === pressed));
}

async function runDemo({ id, title, file, anchor, registered, change }: Demo): Promise<void> {
  const original = (await load(`demo/${file}.json`)) as Record;
  const proof = change === undefined ? original : change(original);
  state.proof = {
    name: `demonstration: ${title.toLowerCase()}`,
    document: proof,
    sizeBytes: new TextEncoder().encode(JSON.stringify(proof)).length,
    registrations: registered ? [await load('demo/registration.json')] : [],
  };
  state.anchor = anchor;
  state.anchorChosen = false;
  fileError.hidden = true;
  markDemo(id);
  await check();
}

async function takeFiles(list: Iterable<File>): Promise<void> {
  const faults: string[] = [];
  const all = await Promise.all(Array.from(list, readDropped));
  // Of a proof and a registration that were dropped together the proof is what was asked about: it comes last.
  const inOrder = [
    ...all.filter(({ kind }) => kind !== 'proof'),
    ...all.filter(({ kind }) => kind === 'proof'),
  ];
  for (const dropped of inOrder) {
    if (dropped.kind === 'manifest') state.manifest = dropped.manifest;
    else if (dropped.kind === 'key') state.ownKeys.push(dropped.key);
    else if (dropped.kind === 'unreadable') faults.push(`${dropped.name}: ${dropped.message}`);
    else if (dropped.kind === 'anchor') {
      const own: Anchor = { id: 'own', name: dropped.name, anchor: dropped.anchor };
      state.anchors = [own, ...state.anchors.filter(({ id }) => id !== 'own')];
      state.anchor = 'own';
      state.anchorChosen = true;
    } else {
      state.proof = dropped;
      if (dropped.kind === 'registration') state.registrations.push(dropped.document);
    }
  }
  // A proof of one's own is not of the demonstration network, unless that was chosen by hand.
  if (all.some(({ kind }) => kind === 'proof' || kind === 'registration') && !state.anchorChosen)
    state.anchor = state.anchors.some(({ id }) => id === 'own') ? 'own' : 'none';
  fileError.textContent = faults.join(' · ');
  fileError.hidden = faults.length === 0;
  markDemo(undefined);
  await check();
}

byId('demos', HTMLDivElement).append(
  ...DEMOS.map((demo) => {
    const button = element(
      'button',
      { type: 'button', 'data-demo': demo.id, 'aria-pressed': 'false' },
      demo.title,
      element('small', {}, demo.text),
    );
    button.addEventListener('click', () => void runDemo(demo));
    return button;
  }),
);
files.addEventListener('change', () => {
  void takeFiles([...(files.files ?? [])]).finally(() => {
    files.value = '';
  });
});
// A file dropped beside the field must not replace the page.
for (const type of ['dragover', 'drop'] as const)
  window.addEventListener(type, (event) => {
    event.preventDefault();
    drop.classList.toggle('over', type === 'dragover');
    if (type === 'drop') void takeFiles(event.dataTransfer?.files ?? []);
  });
window.addEventListener('dragleave', () => drop.classList.remove('over'));
showInputs();
document.documentElement.dataset.ready = 'true';
