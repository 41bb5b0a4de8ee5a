import type { CatalogItem, CatalogResource, KeyRecord } from '@qianzhi/model';
import { intlSuite, keyIdOf, type SigningKey } from '@qianzhi/model/crypto';
import { createRowWriter } from '@qianzhi/rows';
import { plainForm } from '../form.js';
import { type ReconcileOutcome, type ReconcileSide, reconcile } from '../reconcile.js';
import type { Mailbox } from '../sealed-talk.js';

export type Row = readonly (string | null)[];

export function resourceOf(...items: readonly Partial<CatalogItem>[]): CatalogResource {
  return {
    code: 'sample',
    name: '样例',
    summary: '',
    department: 'd',
    attribute: 'department',
    subject: 'other',
    sharing: 'unconditional',
    openness: 'closed',
    updateCycle: 'daily',
    schemaVersion: 1,
    items: items.map((item, n) => ({ name: `项${n}`, column: `c${n}`, type: 'C', ...item })),
  };
}

export const keyed = resourceOf({ key: true }, {}, {});

export function rowText(rows: Iterable<Row>): Uint8Array {
  const writer = createRowWriter(64);
  for (const row of rows) {
    writer.begin('S');
    for (const field of row) writer.text(field);
    writer.end();
  }
  return writer.take();
}

/** Two mailboxes that are each other's other end; `pass` stands for whoever lies in between. */
export function mailboxes(pass: (payload: Uint8Array, from: string) => Uint8Array | undefined = (p) => p) {
  const waiting = { provider: [] as Uint8Array[], consumer: [] as Uint8Array[] };
  const wake = { provider: () => {}, consumer: () => {} };
  const end = (own: 'provider' | 'consumer', other: 'provider' | 'consumer'): Mailbox => ({
    async put(payload) {
      const passed = pass(payload, own);
      if (passed) waiting[other].push(passed);
      wake[other]();
    },
    async next(signal) {
      while (waiting[own].length === 0) {
        signal.throwIfAborted();
        await new Promise<void>((resolve) => {
          wake[own] = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
      return waiting[own].shift()!;
    },
  });
  return { provider: end('provider', 'consumer'), consumer: end('consumer', 'provider') };
}

export function identity(owner: string): { signingKey: SigningKey; record: KeyRecord } {
  const { publicKey, privateKey } = intlSuite.generateKeyPair();
  const keyId = keyIdOf(publicKey);
  const record = { keyId, owner, suite: 'intl', publicKey, validFrom: '2020-01-01T00:00:00.000Z' };
  return { signingKey: { keyId, suite: intlSuite, privateKey }, record };
}

const agents = { provider: identity('mz-1'), consumer: identity('sw-1') };
const blockRows = 7;

export interface SideOf extends Partial<Omit<ReconcileSide, 'role'>> {
  readonly rows: () => Iterable<Row>;
  /** Key texts of rows that are not valid. */
  readonly unfit?: readonly string[];
}

export function sideOf(role: 'provider' | 'consumer', mailbox: Mailbox, of: SideOf): ReconcileSide {
  const peer = role === 'provider' ? 'sw-1' : 'mz-1';
  return {
    session: 's',
    role,
    agent: role === 'provider' ? 'mz-1' : 'sw-1',
    peer,
    signingKey: agents[role].signingKey,
    keys: [agents.provider.record, agents.consumer.record],
    mailbox,
    now: () => new Date(),
    resource: keyed,
    form: plainForm,
    repairs: false,
    catchUp: async () => undefined,
    repair: async () => ({ sent: 0, deleted: 0 }),
    async *read() {
      const rows = [...of.rows()];
      for (let at = 0; at < rows.length; at += blockRows) {
        yield { bytes: rowText(rows.slice(at, at + blockRows)), unfit: [] };
      }
      yield { bytes: new Uint8Array(0), unfit: of.unfit ?? [] };
    },
    ...of,
  };
}

/** Both sides at once; they must come to the same. */
export async function reconcileBoth(
  provider: SideOf,
  consumer: SideOf,
  between: ReturnType<typeof mailboxes> = mailboxes(),
): Promise<ReconcileOutcome> {
  // one that fails ends the wait of the other
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, AbortSignal.timeout(10_000)]);
  const run = (role: 'provider' | 'consumer', of: SideOf) =>
    reconcile(sideOf(role, between[role], of), signal).catch((error) => {
      failed.abort(error);
      throw error;
    });
  const ends = await Promise.allSettled([run('provider', provider), run('consumer', consumer)]);
  const [ofProvider, ofConsumer] = ends.map((end) => {
    if (end.status === 'rejected') throw failed.signal.reason ?? end.reason;
    return end.value;
  });
  const shared = ({ unfit: _, keys, ...outcome }: ReconcileOutcome) => ({
    ...outcome,
    keys: keys.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  });
  if (JSON.stringify(shared(ofProvider!)) !== JSON.stringify(shared(ofConsumer!)))
    throw new Error('the two sides came to other answers');
  return { ...shared(ofProvider!), unfit: ofProvider!.unfit };
}
