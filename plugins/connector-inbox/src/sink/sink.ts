import { type CatalogResource, checkShape, deliveryName } from '@qianzhi/model';
import type { LedgerRow, OnRejected, PluginContext, Sink, SinkBatch, SinkSpec } from '@qianzhi/plugin-api';
import { supplierOf } from '@qianzhi/sql-kit';
import { type InboxTarget, TargetSchema } from '../config.js';
import { inboxErrors } from '../errors.js';
import { eraseAll } from '../store/erase.js';
import { openLedger } from '../store/ledger.js';
import { openStore, type Store } from '../store/open-store.js';
import { openRecords } from '../store/records.js';
import { prune } from '../store/retention.js';
import type { Applying } from './applying.js';
import { applyDelta } from './delta.js';
import { applyPart } from './snapshot.js';

/** Throws QZ_INBOX_KEYLESS, _APPEND and what `openStore` throws. */
export async function openSink(spec: SinkSpec, context: PluginContext): Promise<Sink> {
  const target = checkShape(TargetSchema, structuredClone(spec.target), 'target');
  if (spec.write === 'append') throw inboxErrors.APPEND();
  requireKey(spec.exchange, spec.resource);
  const store = await openStore(spec.exchange, context);
  const ledger = openLedger(store);
  return {
    ledgerHead: async (delivery) => store.read(() => ledger.head(delivery)),
    ledgerAfter: async (delivery, seq, limit) => store.read(() => ledger.after(delivery, seq, limit)),
    write: (batch, onRejected, signal) =>
      store.write(`write ${spec.exchange}`, signal, async () => {
        const known = ledger.find(batch.delivery, batch.seq);
        if (!known) return applyBatch(store, target, batch, context, onRejected, signal);
        if (known.rowsDigest === batch.rowsDigest) return known;
        throw inboxErrors.LEDGER_CONFLICT({
          delivery: deliveryName(batch.delivery),
          seq: batch.seq,
          resource: batch.resource.code,
        });
      }),
    discardStaged: (delivery, signal) =>
      store.write(`discard ${spec.exchange}`, signal, async () => {
        ledger.discardStaged(delivery);
        openRecords(store).dropStaged(supplierId(store, { delivery }));
      }),
    async [Symbol.asyncDispose]() {
      store.close();
    },
  };
}

async function applyBatch(
  store: Store,
  target: InboxTarget,
  batch: SinkBatch,
  context: PluginContext,
  onRejected: OnRejected,
  signal: AbortSignal,
): Promise<LedgerRow> {
  const { exchange } = store;
  const { resource, delivery, seq } = batch;
  requireKey(exchange, resource);
  const now = context.now();
  const at = now.toISOString();
  const ledger = openLedger(store);
  const records = openRecords(store);
  beginAnew(store, batch);
  const supplier = supplierId(store, batch);
  const applying: Applying = {
    exchange,
    records,
    ledger,
    seal: store.seal,
    shape: shapeId(store, resource),
    origin: { supplier, seq, at },
    signal,
  };
  startAfterErasure(store, applying);
  const { stage, counts, rejected } =
    batch.kind === 'snapshot' ? await applyPart(applying, batch) : await applyDelta(applying, batch);
  if (rejected.length > 0) await onRejected(rejected, signal);
  prune(store, target, now);
  const row: LedgerRow = {
    exchange,
    delivery,
    seq,
    rowsDigest: batch.rowsDigest,
    stage,
    snapshotId: batch.snapshot?.id ?? null,
    counts,
    committedAt: at,
  };
  ledger.add(row, batch.snapshot?.part);
  return row;
}

export function requireKey(exchange: string, { code, items }: CatalogResource): void {
  if (!items.some(({ key }) => key)) throw inboxErrors.KEYLESS({ exchange, resource: code });
}

/** Records of another agreement are not this one's to show: its grant may end at another time, or hold other rows. */
function beginAnew(store: Store, { delivery }: SinkBatch): void {
  const other = store.db
    .prepare('SELECT 1 FROM supplier WHERE agreement <> ? LIMIT 1')
    .get(delivery.agreement);
  if (other) eraseAll(store);
}

function startAfterErasure({ db }: Store, { records, origin }: Applying): void {
  if (db.prepare('UPDATE inbox SET erased = 0 WHERE erased = 1').run().changes > 0) records.reset(origin);
}

function supplierId({ db }: Store, { delivery }: Pick<SinkBatch, 'delivery'>): number {
  const { agreement, grantVersion } = delivery;
  db.prepare(
    `INSERT INTO supplier (name, agreement, grant_version) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET grant_version = max(grant_version, excluded.grant_version)`,
  ).run(supplierOf(delivery), agreement, grantVersion);
  return db.prepare('SELECT id FROM supplier WHERE name = ?').pluck().get(supplierOf(delivery)) as number;
}

/** Item columns of a schema version and projection, in field order: what is needed to read its rows again. */
function shapeId({ db }: Store, { items }: CatalogResource): number {
  const columns = JSON.stringify(items.map(({ column, key }) => ({ column, ...(key && { key }) })));
  db.prepare('INSERT OR IGNORE INTO shape (columns) VALUES (?)').run(columns);
  return db.prepare('SELECT id FROM shape WHERE columns = ?').pluck().get(columns) as number;
}
