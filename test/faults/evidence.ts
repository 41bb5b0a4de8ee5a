import { type AuditRecord, type KeyRecord, personRoutes, type Receipt, type Signed } from '@qianzhi/model';
import { checkReceipts, statesTheSame, subjectName } from '@qianzhi/model/crypto';
import { verifyAudit } from '@qianzhi/platform';
import { expect } from 'vitest';
import { query } from '../fixtures/tables.js';
import { type Chain, type ResourceName, resources } from './chain.js';

/** What a fault did that changes what the receipts add up to. */
export interface Fault {
  /**
   * Folders of agents' states beside the two: of machines that were given up and earned receipts before. One that stood still may
   * have written a receipt as it woke, too late to hand it in; its successor gave another, which says the same.
   */
  readonly states?: readonly string[];
  /** The platform lost receipts it had given; it must have given others for the same batches, which say the same. */
  readonly platformLost?: boolean;
  /** The delivery left batches out: it went on from a later snapshot, which removed so many rows by not having them. */
  readonly skipped?: { readonly removed: number };
  /** The target lost rows that were applied and receipted, and has them again under another agreement. */
  readonly targetLost?: boolean;
}

/**
 * What must hold after every fault, each from its own origin and none from a run's own counters: source equals target value
 * by value, each row once; every receipt is truly signed, chained and known at both ends; the counts of manifests and
 * receipts balance and add up to the rows that are there; the audit chain is whole.
 */
export async function expectAllHolds(chain: Chain, fault: Fault = {}): Promise<void> {
  for (const code of resources) await expectSameRows(chain, code);
  const receipts = await expectEvidence(chain, ['mz', 'sw'], fault);
  for (const code of resources) await expectCounts(chain, code, receipts, fault);
}

/** A platform whose evidence is looked at, with the agents that work with it. */
export type Proven = Pick<Chain, 'auditor' | 'at' | 'json' | 'platformRows'>;

/** All that speaks for itself, whatever was exchanged; answers all receipts there are. */
export async function expectEvidence(
  proven: Proven,
  agents: readonly string[],
  fault: Fault = {},
): Promise<readonly Signed<Receipt>[]> {
  const { keys, receipts } = await collectReceipts(proven);
  const { verified, problems } = checkReceipts(receipts, keys);
  expect(problems).toEqual([]);
  expect(verified).toBe(receipts.length);
  for (const agent of agents) {
    const verify = ['receipt', 'verify', '--config', `${agent}.yaml`];
    const { code, answer } = await proven.json<{ ok: boolean }>(verify);
    expect({ agent, code, ok: answer.ok }).toEqual({ agent, code: 0, ok: true });
  }
  const working = agents.map((agent) => `${agent}-state`);
  expectReceiptsAtBothEnds(proven, receipts, working, fault);
  for (const one of (await proven.auditor.call(personRoutes.reconciliation, { query: {} })).reconciliations) {
    expect(one.problems, one.resource).toEqual([]);
  }
  const rows = await proven.platformRows<AuditRecord>('SELECT * FROM audit ORDER BY seq');
  expect(verifyAudit(rows)).toMatchObject({ ok: true, entries: rows.length });
  return receipts;
}

/** The rows of the source that fit their items. */
async function validRows(chain: Chain, code: ResourceName): Promise<(string | null)[][]> {
  const rows = await chain.ends.rows('source', code);
  return rows.filter(([, name]) => name === null || name!.length <= 40);
}

async function expectSameRows(chain: Chain, code: ResourceName): Promise<void> {
  const source = await validRows(chain, code);
  const target = await chain.ends.rows('target', code);
  expect(target.length, `rows of ${code}`).toBe(source.length);
  const wrong = source.find((row, n) => JSON.stringify(row) !== JSON.stringify(target[n]));
  expect(wrong, `a row of ${code} that differs`).toBeUndefined();
}

async function collectReceipts(
  chain: Proven,
): Promise<{ keys: readonly KeyRecord[]; receipts: readonly Signed<Receipt>[] }> {
  const { keys } = await chain.auditor.call(personRoutes.keyDirectory, {});
  const receipts: Signed<Receipt>[] = [];
  for (;;) {
    const page = { after: receipts.at(-1)?.body.id, limit: 100 };
    const found = (await chain.auditor.call(personRoutes.listReceipts, { query: page })).receipts;
    if (found.length === 0) return { keys, receipts };
    receipts.push(...found);
  }
}

/**
 * The platform has every receipt an agent has, or where that was lost or not handed in any more, another that says the same; the
 * agent that earned or issued it has every one of the platform's.
 */
function expectReceiptsAtBothEnds(
  proven: Proven,
  receipts: readonly Signed<Receipt>[],
  working: readonly string[],
  { platformLost = false, states: givenUp = [] }: Fault,
): void {
  const documents = new Map(receipts.map((one) => [one.body.id, JSON.stringify(one)]));
  const atWork = receiptsOf(proven, working);
  const held = new Map([...receiptsOf(proven, givenUp), ...atWork]);
  const replaced = (one: Receipt) =>
    receipts.some(({ body }) => subjectName(body) === subjectName(one) && statesTheSame(body, one));
  const mayBeAlone = (one: Receipt) =>
    (platformLost ? one.stage === 'stored' : one.stage === 'applied' && !atWork.has(one.id)) && replaced(one);
  const onlyHere = [...held].filter(([id]) => !documents.has(id)).map(([, document]) => bodyOf(document));
  expect(
    onlyHere.filter((one) => !mayBeAlone(one)),
    'receipts only an agent has',
  ).toEqual([]);
  expect(
    [...documents.keys()].filter((id) => !held.has(id)),
    'receipts only the platform has',
  ).toEqual([]);
  for (const [id, document] of documents) expect(held.get(id), id).toBe(document);
}

/** By id, as texts. */
function receiptsOf({ at }: Proven, states: readonly string[]): Map<string, string> {
  const select = 'SELECT id, document FROM receipt';
  const rows = states.flatMap((state) =>
    query<{ id: string; document: string }>(at(`${state}/state.db`), select),
  );
  return new Map(rows.map(({ id, document }) => [id, JSON.stringify(JSON.parse(document))]));
}

const bodyOf = (document: string) => (JSON.parse(document) as Signed<Receipt>).body;

/** Rows by the manifests and by the receipts of one resource. */
export interface Sums {
  /** In all batches. */
  readonly stored: number;
  /** In receipts of all deliveries. */
  readonly delivered: number;
  /** Inserted less deleted. */
  readonly there: number;
}

/**
 * read = stored + rejected for each batch; delivered = inserted + updated + unchanged + deleted + rejected for each receipt, and each
 * delivery of each batch in one of them alone.
 */
export async function expectBalanced(
  proven: Proven,
  code: string,
  receipts: readonly Signed<Receipt>[],
): Promise<Sums> {
  const rows = await proven.platformRows<{ manifest: string }>(
    `SELECT manifest FROM batches WHERE resource = '${code}'`,
  );
  const manifests = rows.map(({ manifest }) => JSON.parse(manifest).body);
  for (const { seq, read, rows, rejected } of manifests)
    expect(read, `${code} #${seq}`).toBe(rows + rejected);
  // of a target or a memory that was restored: the same batches once more, not more rows
  const receiptRows = await proven.platformRows<{ id: string; again: number | boolean }>(
    'SELECT id, again FROM receipts',
  );
  const again = new Set(receiptRows.filter((row) => row.again).map(({ id }) => id));
  let [delivered, there] = [0, 0];
  const counted = new Set<string>();
  for (const { body } of receipts) {
    if (body.stage !== 'applied' || !('delivery' in body.subject) || !body.counts) continue;
    if (again.has(body.id)) continue;
    const { delivery } = body.subject;
    if (delivery.stream.resource !== code) continue;
    const { inserted, updated, unchanged, deleted, rejected } = body.counts;
    expect(body.counts.delivered, body.id).toBe(inserted + updated + unchanged + deleted + rejected);
    for (let seq = body.seqFrom; seq <= body.seqTo; seq++) {
      const place = `${delivery.agreement}/${delivery.grantVersion}/${delivery.stream.epoch}#${seq}`;
      expect(counted.has(place), `${code} ${place} applied once`).toBe(false);
      counted.add(place);
    }
    delivered += body.counts.delivered;
    there += inserted - deleted;
  }
  return { stored: manifests.reduce((sum, { rows }) => sum + rows, 0), delivered, there };
}

async function expectCounts(
  chain: Chain,
  code: ResourceName,
  receipts: readonly Signed<Receipt>[],
  { skipped, targetLost = false }: Fault,
): Promise<void> {
  const { stored, delivered, there } = await expectBalanced(chain, code, receipts);
  if (skipped) expect(delivered, `${code}: less than all was delivered`).toBeLessThan(stored);
  else if (!targetLost) expect(delivered, `${code}: stored rows delivered`).toBe(stored);
  if (targetLost) return;
  const removed = skipped?.removed ?? 0;
  expect(there - removed, `${code}: inserted less deleted`).toBe((await validRows(chain, code)).length);
}
