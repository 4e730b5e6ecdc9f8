/** The verdict as people read it: banner, warnings, timings, statement. */
import {
  type FinalityProof,
  type FinalityResult,
  isDevelopmentKey,
  parseFinalityProof,
  type TrustAnchor,
  type VerificationKey,
  ZkFinalityError,
} from 'zkfinality/verify';
import { element, icon } from './dom.js';

/** One finished check. */
export type Checked = {
  readonly result: FinalityResult;
  readonly document: unknown;
  readonly anchor: TrustAnchor | undefined;
  readonly keys: readonly VerificationKey[];
  readonly sizeBytes: number;
  /** Of the first check, which prepares the key where it is new, and of a second one. */
  readonly firstMs: number;
  readonly againMs: number;
};

const ICONS = {
  final: 'M12 2.5a9.5 9.5 0 1 0 0 19 9.5 9.5 0 0 0 0-19M7.5 12.3l3 3 6-6.3',
  refused: 'M12 2.5a9.5 9.5 0 1 0 0 19 9.5 9.5 0 0 0 0-19M8.8 8.8l6.4 6.4M15.2 8.8l-6.4 6.4',
  unanchored: 'M12 3 2.5 20h19L12 3M12 10v4.5M12 17.2v.1',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  copied: 'M5 12.5l4.5 4.5L19 7.5',
};

/** Everything below the heading of the verdict. */
export function verdictNodes(checked: Checked): readonly Node[] {
  const proof = readProof(checked.document);
  return [banner(checked, proof), ...cautions(checked, proof), figures(checked), ...facts(checked, proof)];
}

/** The verdict in a word, for the heading of the browser's tab and for tests. */
export function outcome({ result }: Checked): 'final' | 'unanchored' | 'refused' {
  if (result.ok) return 'final';
  return result.code === 'NOT_ANCHORED' ? 'unanchored' : 'refused';
}

function banner(checked: Checked, proof: FinalityProof | undefined): HTMLElement {
  const { result } = checked;
  const kind = outcome(checked);
  const [title, ...text] = result.ok
    ? [
        'Final',
        `Block ${result.statement.height} of chain ${result.chainId} is final under this trust anchor. `,
        result.setChanged
          ? 'A changed validator set sealed it, which the anchor knows and the trusted set vouches for.'
          : 'The trusted validators sealed it.',
      ]
    : kind === 'unanchored'
      ? [
          'Holds, but nothing anchors it',
          'The proof is valid for its statement. Whether its validators are those of ',
          proof === undefined ? 'the chain' : `chain ${proof.chainId}`,
          ' is unknown: add a trust anchor. Until then, do not rely on it.',
        ]
      : ['Refused', element('code', {}, result.code), ' · ', result.message];
  return element(
    'div',
    { class: `banner ${kind}`, 'data-outcome': kind, ...(result.ok ? {} : { 'data-code': result.code }) },
    icon(ICONS[kind]),
    element('strong', {}, title as string),
    element('p', {}, ...text),
  );
}

function cautions({ result, anchor, keys }: Checked, proof: FinalityProof | undefined): HTMLElement[] {
  const development = result.ok ? result.developmentKey : keys.some((key) => isDevelopmentKey(key));
  const made: HTMLElement[] = [];
  if (proof !== undefined && development)
    made.push(
      element(
        'p',
        { class: 'caution', id: 'development-key' },
        element('strong', {}, 'Development key. '),
        'Its secrets are public, so anyone can forge such a proof. It is for tests and demonstrations, never for value.',
      ),
    );
  if (anchor === undefined && outcomeIsClear(result))
    made.push(
      element(
        'p',
        { class: 'caution', id: 'no-anchor' },
        element('strong', {}, 'No trust anchor. '),
        'Chain, validators and keys were compared with nothing.',
      ),
    );
  return made;
}

/** The banner itself says it where that is the refusal. */
function outcomeIsClear(result: FinalityResult): boolean {
  return result.ok || result.code !== 'NOT_ANCHORED';
}

function figures({ result, sizeBytes, firstMs, againMs }: Checked): HTMLElement {
  const equation =
    result.ok || result.proof === 'valid' ? 'holds' : result.proof === 'invalid' ? 'fails' : 'not reached';
  const figure = (id: string, name: string, value: string): HTMLElement =>
    element('div', {}, element('dt', {}, name), element('dd', { id }, value));
  return element(
    'dl',
    { class: 'figures' },
    figure('first-ms', 'First check', milliseconds(firstMs)),
    figure('again-ms', 'Again, warm', milliseconds(againMs)),
    figure('equation', 'Proof equation', equation),
    figure('size', 'Document', `${(sizeBytes / 1000).toFixed(1)} kB`),
  );
}

function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}

function facts({ result, anchor }: Checked, proof: FinalityProof | undefined): HTMLElement[] {
  if (proof === undefined) return [];
  const { statement } = proof;
  const { trustedSet, signingSet, nextSet } = statement;
  const size = anchor === undefined ? '' : ` (${anchor.members.length} validators in the anchor)`;
  const rows = [
    fact(
      'Chain',
      `${proof.chainId} · ${proof.protocol}${proof.protocol === proof.variant ? '' : `, ${proof.variant}`}`,
    ),
    fact('Height', statement.height.toString()),
    fact('Time', readableTime(statement.time)),
    fact('Block hash', hex32(statement.blockHash), true),
    fact('State root', hex32(statement.stateRoot), true),
    fact('Trusted set', hex32(trustedSet), true),
    signingSet === trustedSet
      ? fact('Signing set', `the trusted set${result.ok ? size : ''}`)
      : fact('Signing set', hex32(signingSet), true),
    ...(nextSet === 0n ? [] : [fact('Next set', hex32(nextSet), true)]),
    fact('Circuit', proof.circuit),
  ];
  const title = result.ok ? 'What the proof states' : 'What the document claims. Do not rely on it.';
  return [
    element('h3', { id: 'facts-title' }, title),
    element('dl', { class: 'facts', id: 'statement' }, ...rows),
  ];
}

function fact(name: string, value: string, isHash = false): HTMLElement {
  const row = element(
    'div',
    {},
    element('dt', {}, name),
    element('dd', isHash ? { class: 'hash' } : {}, value),
  );
  if (isHash) row.append(copyButton(name, value));
  return row;
}

function copyButton(name: string, value: string): HTMLButtonElement {
  const label = `Copy ${name.toLowerCase()}`;
  const button = element(
    'button',
    { type: 'button', class: 'copy', 'aria-label': label, title: label },
    icon(ICONS.copy),
  );
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(value);
    button.replaceChildren(icon(ICONS.copied));
    button.setAttribute('aria-label', 'Copied');
  });
  return button;
}

function hex32(value: bigint): string {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

/** Unix seconds as a date, where a date can hold them. */
function readableTime(seconds: bigint): string {
  const date = new Date(Number(seconds) * 1000);
  return Number.isNaN(date.getTime())
    ? `${seconds} s since 1970`
    : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function readProof(document: unknown): FinalityProof | undefined {
  try {
    return parseFinalityProof(document);
  } catch (error) {
    if (error instanceof ZkFinalityError) return undefined;
    throw error;
  }
}
