/** The verdict as people read it: banner, warnings, timings, statement. */
import { type FinalityProof, isDevelopmentKey, type Registration } from 'zkfinality/verify';
import { type Checked, isRegistration } from './check.js';
import { element, icon } from './dom.js';
import { readDocument } from './keys.js';

type Claimed = FinalityProof | Registration | undefined;

const ICONS = {
  final: 'M12 2.5a9.5 9.5 0 1 0 0 19 9.5 9.5 0 0 0 0-19M7.5 12.3l3 3 6-6.3',
  registered: 'M12 2.5a9.5 9.5 0 1 0 0 19 9.5 9.5 0 0 0 0-19M7.5 12.3l3 3 6-6.3',
  refused: 'M12 2.5a9.5 9.5 0 1 0 0 19 9.5 9.5 0 0 0 0-19M8.8 8.8l6.4 6.4M15.2 8.8l-6.4 6.4',
  unanchored: 'M12 3 2.5 20h19L12 3M12 10v4.5M12 17.2v.1',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  copied: 'M5 12.5l4.5 4.5L19 7.5',
};

/** Everything below the heading of the verdict. */
export function verdictNodes(checked: Checked): readonly Node[] {
  const proof = readDocument(checked.document);
  return [banner(checked, proof), ...cautions(checked, proof), figures(checked), ...facts(checked, proof)];
}

/** The verdict in a word, for the heading of the browser's tab and for tests. */
export function outcome({ result }: Checked): 'final' | 'registered' | 'unanchored' | 'refused' {
  if (result.ok) return 'statement' in result ? 'final' : 'registered';
  return result.code === 'NOT_ANCHORED' ? 'unanchored' : 'refused';
}

function banner(checked: Checked, claimed: Claimed): HTMLElement {
  const kind = outcome(checked);
  const { result } = checked;
  const [title, ...text] = bannerText(checked, claimed);
  return element(
    'div',
    { class: `banner ${kind}`, 'data-outcome': kind, ...(result.ok ? {} : { 'data-code': result.code }) },
    icon(ICONS[kind]),
    element('strong', {}, title),
    element('p', {}, ...text),
  );
}

function bannerText(
  { result, document }: Checked,
  claimed: Claimed,
): readonly [title: string, ...text: (string | HTMLElement)[]] {
  const chain = claimed === undefined ? 'the chain' : `chain ${claimed.chainId}`;
  if (!result.ok && result.code === 'NOT_ANCHORED')
    return [
      'Holds, but nothing anchors it',
      isRegistration(document)
        ? 'The keys of this set belong to its validators. Whether they are those of '
        : 'The proof is valid for its statement. Whether its validators are those of ',
      chain,
      ' is unknown: add a trust anchor. Until then, do not rely on it.',
    ];
  if (!result.ok) return ['Refused', element('code', {}, result.code), ' · ', result.message];
  if ('statement' in result)
    return [
      'Final',
      `Block ${result.statement.height} of chain ${result.chainId} is final under this trust anchor. `,
      result.setChanged
        ? 'A changed validator set sealed it, which is registered and the trusted set vouches for.'
        : 'The trusted validators sealed it.',
    ];
  return [
    'Registered',
    result.extendsTrustedSet
      ? `Every known key of the set belongs to its validator. It is the trusted set of ${chain} with more keys known, and takes its place.`
      : `Every known key of the set belongs to its validator. Blocks of ${chain} that it sealed may be final now; whether anybody trusts it is for their proofs to show.`,
  ];
}

function cautions({ result, anchor, keys }: Checked, proof: Claimed): HTMLElement[] {
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
function outcomeIsClear(result: Checked['result']): boolean {
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

function facts({ result, anchor }: Checked, claimed: Claimed): HTMLElement[] {
  if (claimed === undefined) return [];
  const { chainId, protocol, variant, circuit } = claimed;
  const rows = [
    fact('Chain', `${chainId} · ${protocol}${protocol === variant ? '' : `, ${variant}`}`),
    ...('statement' in claimed
      ? statementFacts(claimed, result.ok && anchor !== undefined ? anchor.members.length : undefined)
      : registrationFacts(claimed)),
    fact('Circuit', circuit),
  ];
  const title = result.ok ? 'What the proof states' : 'What the document claims. Do not rely on it.';
  return [
    element('h3', { id: 'facts-title' }, title),
    element('dl', { class: 'facts', id: 'statement' }, ...rows),
  ];
}

function statementFacts({ statement }: FinalityProof, trustedSize: number | undefined): HTMLElement[] {
  const { trustedSet, signingSet, nextSet } = statement;
  const size = trustedSize === undefined ? '' : ` (${trustedSize} validators in the anchor)`;
  return [
    fact('Height', statement.height.toString()),
    fact('Time', readableTime(statement.time)),
    fact('Block hash', hex32(statement.blockHash), true),
    fact('State root', hex32(statement.stateRoot), true),
    fact('Trusted set', hex32(trustedSet), true),
    signingSet === trustedSet
      ? fact('Signing set', `the trusted set${size}`)
      : fact('Signing set', hex32(signingSet), true),
    ...(nextSet === 0n ? [] : [fact('Next set', hex32(nextSet), true)]),
  ];
}

function registrationFacts({ oldSet, newSet }: Registration): HTMLElement[] {
  return [
    fact('Set', hex32(newSet), true),
    oldSet === newSet
      ? fact('Known before as', 'the same set, with the same keys')
      : fact('Known before as', hex32(oldSet), true),
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
