import { checkShape, deliveryName, isQianzhiError } from '@qianzhi/model';
import type { LedgerRow, OnRejected, PluginContext, Sink, SinkBatch, SinkSpec } from '@qianzhi/plugin-api';
import { supplierOf, takeTurn } from '@qianzhi/sql-kit';
import { type SqliteConfig, TargetSchema } from '../config.js';
import { sqliteErrors } from '../errors.js';
import { classify, type Doing, sqliteCode } from '../file/classify.js';
import { databasePath, openForWriting } from '../file/open-file.js';
import { startPace, throwIfAborted, whenFree } from '../file/pace.js';
import { applyDelta } from './delta.js';
import { createLedger, hasLedger, openLedger } from './ledger.js';
import { COUNT_UPDATE } from './row-sql.js';
import { applyPart, dropShadow, shadowName } from './shadow.js';
import { claimTarget } from './suppliers.js';
import { createTarget, fitTarget, type Target } from './target-table.js';
import type { Writing } from './writing.js';

/** Opens a sink on a connection of its own. With `create` the table is made now, so that its fit is checked like any other's. */
export async function openSink(
  config: SqliteConfig,
  spec: SinkSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<Sink> {
  const wanted = checkShape(TargetSchema, structuredClone(spec.target), 'target');
  const about: Doing = { doing: `write ${wanted.table}`, path: databasePath(config) };
  if (spec.write === 'append')
    throw sqliteErrors.OPTIONS_CONTRADICT({
      problem: { zh: '本连接器不支持写入方式 append', en: 'this connector has no write mode append' },
    });
  const db = await openForWriting(config, signal);
  try {
    const updates = { count: 0 };
    db.function(COUNT_UPDATE, { directOnly: true, deterministic: false }, () => {
      updates.count++;
      return 1;
    });
    const ledger = openLedger(db, spec.exchange);
    const writing: Writing = {
      db,
      config,
      spec: wanted,
      mode: spec.write,
      exchange: spec.exchange,
      ended: (spec.ended ?? []).map(supplierOf),
      about,
      context,
      ledger,
      updates,
    };
    if (wanted.create)
      await inTransaction(writing, signal, async () => createTarget(db, wanted, spec.resource));
    fitTarget(db, wanted, spec.resource);
    return sinkOf(writing);
  } catch (error) {
    db.close();
    throw classify(error, about);
  }
}

function sinkOf(writing: Writing): Sink {
  const { db, ledger, about, config } = writing;
  const read = <T>(answer: () => T, none: T, signal: AbortSignal): Promise<T> =>
    whenFree(() => (hasLedger(db) ? answer() : none), about, config.busyTimeoutMs, signal);
  return {
    ledgerHead: (delivery, signal) => read(() => ledger.head(delivery), undefined, signal),
    ledgerAfter: (delivery, seq, limit, signal) => read(() => ledger.after(delivery, seq, limit), [], signal),
    write: (batch, onRejected, signal) =>
      inTransaction(writing, signal, () => writeBatch(writing, batch, onRejected, signal)),
    discardStaged: (delivery, signal) =>
      inTransaction(writing, signal, async () => {
        if (!hasLedger(db)) return;
        ledger.discardStaged(delivery);
        dropShadow(db, shadowName(writing, { delivery }));
      }),
    async [Symbol.asyncDispose]() {
      db.close();
    },
  };
}

async function writeBatch(
  writing: Writing,
  batch: SinkBatch,
  onRejected: OnRejected,
  signal: AbortSignal,
): Promise<LedgerRow> {
  const { db, ledger, spec, exchange, context, about } = writing;
  if (!hasLedger(db)) createLedger(db);
  const known = ledger.find(batch.delivery, batch.seq);
  if (known) {
    if (known.rowsDigest === batch.rowsDigest) return known;
    throw sqliteErrors.LEDGER_CONFLICT({
      delivery: deliveryName(batch.delivery),
      resource: batch.resource.code,
      seq: batch.seq,
    });
  }
  const target: Target = fitTarget(db, spec, batch.resource);
  claimTarget(writing, target, supplierOf(batch.delivery));
  const pace = startPace(about.doing, signal);
  const applied =
    batch.kind === 'snapshot'
      ? await applyPart(writing, target, batch, pace)
      : { ...(await applyDelta(writing, target, batch, pace)), stage: 'applied' as const };
  if (applied.rejected.length > 0) await onRejected(applied.rejected, signal);
  throwIfAborted(about.doing, signal);
  const row: LedgerRow = {
    exchange,
    delivery: batch.delivery,
    seq: batch.seq,
    rowsDigest: batch.rowsDigest,
    stage: applied.stage,
    snapshotId: batch.snapshot?.id ?? null,
    counts: applied.counts,
    committedAt: context.now().toISOString(),
  };
  ledger.add(row, batch.snapshot?.part);
  return row;
}

/** One write transaction: begun when no one else writes, rolled back on any error, errors of callbacks passed on as they are. */
async function inTransaction<T>(writing: Writing, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const { db, about, config, spec } = writing;
  const { busyTimeoutMs } = config;
  throwIfAborted(about.doing, signal);
  const leave = await takeTurn(about.path, about.doing, signal);
  try {
    await whenFree(() => db.exec('BEGIN IMMEDIATE'), about, busyTimeoutMs, signal);
    const answer = await work();
    // a commit that meets readers stays open and is tried again
    await whenFree(() => db.exec('COMMIT'), about, busyTimeoutMs, signal);
    return answer;
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    const cause = isQianzhiError(error) ? error.cause : error;
    if (sqliteCode(cause) === 'SQLITE_CONSTRAINT_FOREIGNKEY')
      throw sqliteErrors.DEFERRED_CONSTRAINT({ table: spec.table }, cause);
    throw sqliteCode(error) === '' ? error : classify(error, about);
  } finally {
    leave();
  }
}
