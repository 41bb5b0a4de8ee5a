import { deliveryName } from '@qianzhi/model';
import type { LedgerRow, OnRejected, PluginContext, Sink, SinkBatch, SinkSpec } from '@qianzhi/plugin-api';
import { qualified } from '../database/dialect.js';
import type { SqlSession } from '../database/session.js';
import { throwIfAborted } from '../database/stop-on-abort.js';
import { sourceErrors } from '../errors/source-errors.js';
import { targetErrors } from '../errors/target-errors.js';
import { ownNameWithin } from '../own-name.js';
import { supplierOf } from '../supplier.js';
import { claimTarget } from './claim.js';
import { applyDelta } from './delta.js';
import { ledgerIn } from './ledger-table.js';
import { applyPart } from './snapshot.js';
import { leftOutOf, shapeDigest, stageColumns } from './stage.js';
import { createTarget, type FittedTarget, fitTarget } from './target.js';
import { type SqlSinkOrigin, wantedTarget } from './wanted.js';

/** Opens a sink on a session of its own. With `create` the table is made now, so that its fit is checked like any other's. */
export async function openSqlSink(
  origin: SqlSinkOrigin,
  spec: SinkSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<Sink> {
  const { wanted, schema, zone, doing } = wantedTarget(origin, spec, context);
  const { dialect } = origin;
  const ledger = ledgerIn(dialect, schema, spec.exchange);
  const ended = (spec.ended ?? []).map(supplierOf);
  let session: SqlSession | undefined = await origin.connect('write', doing, signal);
  /** Relations that were made in this session. */
  let stages = new Set<string>();

  const close = async () => {
    const open = session;
    session = undefined;
    stages = new Set();
    await open?.[Symbol.asyncDispose]();
  };
  /** After an error nobody knows in which state a session is: the next work opens another. */
  async function using<T>(work: (open: SqlSession) => Promise<T>, during: AbortSignal): Promise<T> {
    throwIfAborted(doing, during);
    session ??= await origin.connect('write', doing, during);
    try {
      return await work(session);
    } catch (error) {
      await session?.rollback();
      await close();
      throwIfAborted(doing, during);
      throw error;
    }
  }
  async function fit(
    open: SqlSession,
    resource: SinkBatch['resource'],
    during: AbortSignal,
  ): Promise<FittedTarget> {
    const table = await dialect.describe(open, schema, wanted.table, during);
    if (!table) throw sourceErrors.TABLE_MISSING({ server: open.server, table: wanted.table });
    return fitTarget(dialect, table, wanted, resource, zone);
  }
  const shadowOf = (delivery: SinkBatch['delivery']) =>
    dialect.newName(
      ownNameWithin(
        dialect.nameBytes,
        'shadow',
        spec.exchange,
        wanted.table.toLowerCase(),
        supplierOf(delivery),
      ),
    );

  /** Makes the relation that a batch is loaded into, in statements of its own: DDL may commit by itself. */
  async function stageFor(
    open: SqlSession,
    target: FittedTarget,
    batch: SinkBatch,
    during: AbortSignal,
  ): Promise<string> {
    const columns = stageColumns(dialect, target);
    if (batch.kind === 'snapshot') {
      const name = shadowOf(batch.delivery);
      const shadow = qualified(dialect, target.table.schema, name);
      const there = (await dialect.describe(open, target.table.schema, name, during)) !== undefined;
      if (batch.snapshot!.part > 1 && there) return shadow;
      if (batch.snapshot!.part > 1) throw gone(batch);
      if (there) await open.query(dialect.dropTable(shadow), [], during);
      await open.query(dialect.stageDdl(shadow, 'kept', columns), [], during);
      return shadow;
    }
    const digest = shapeDigest([wanted.table, ...columns]);
    const name = dialect.newName(ownNameWithin(dialect.nameBytes, 'stage', digest));
    const stage = dialect.sessionStage(target.table.schema, name);
    if (stages.has(stage)) return stage;
    const there = dialect.stagesStay && (await dialect.describe(open, target.table.schema, name, during));
    if (!there) await open.query(dialect.stageDdl(stage, 'session', columns), [], during);
    stages.add(stage);
    return stage;
  }

  async function writeBatch(
    open: SqlSession,
    batch: SinkBatch,
    onRejected: OnRejected,
    during: AbortSignal,
  ): Promise<LedgerRow> {
    const { delivery, seq, rowsDigest, resource } = batch;
    await ledger.prepare(open, during);
    const known = await knownRow(open, batch, during);
    if (known) return known;
    const target = await fit(open, resource, during);
    const stage = await stageFor(open, target, batch, during);
    await open.begin('write', during);
    const supplier = supplierOf(delivery);
    const claim = { supplier, takeOver: wanted.takeOver, ended };
    await claimTarget(dialect, open, ledger.targets, target, claim, during);
    // another instance may have written it while we waited for the claim
    const since = await knownRow(open, batch, during);
    if (since) {
      await open.rollback();
      return since;
    }
    const left = leftOutOf(batch, target);
    const applied =
      batch.kind === 'snapshot'
        ? await applyPart(dialect, open, ledger, target, stage, batch, left, during)
        : await applyDelta(dialect, open, target, stage, batch, left, during);
    if (left.rows.length > 0) await onRejected(left.rows, during);
    throwIfAborted(doing, during);
    const row: LedgerRow = {
      exchange: spec.exchange,
      delivery,
      seq,
      rowsDigest,
      stage: applied.stage,
      snapshotId: batch.snapshot?.id ?? null,
      counts: applied.counts,
      committedAt: context.now().toISOString(),
    };
    await ledger.add(open, row, batch.snapshot?.part, during);
    await open.commit(during);
    if (batch.snapshot?.last) await dropShadow(open, target.table.schema, stage, during);
    return row;
  }

  async function knownRow(
    open: SqlSession,
    { delivery, seq, rowsDigest, resource }: SinkBatch,
    during: AbortSignal,
  ) {
    const known = await ledger.find(open, delivery, seq, during);
    if (!known || known.rowsDigest === rowsDigest) return known;
    throw targetErrors.LEDGER_CONFLICT({ delivery: deliveryName(delivery), resource: resource.code, seq });
  }

  /** The rows are committed: a shadow that stays costs room until the next snapshot, and no more. */
  async function dropShadow(
    open: SqlSession,
    at: string,
    shadow: string,
    during: AbortSignal,
  ): Promise<void> {
    try {
      await open.query(dialect.dropTable(shadow), [], during);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      context.log.warn({ schema: at, shadow, code }, 'the shadow of a snapshot could not be dropped');
    }
  }

  const read = <T>(answer: (open: SqlSession) => Promise<T>, none: T, during: AbortSignal): Promise<T> =>
    using(async (open) => ((await ledger.exists(open, during)) ? answer(open) : none), during);

  try {
    if (wanted.create) await createTarget(dialect, session, schema, wanted, spec.resource, signal);
    await fit(session, spec.resource, signal);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ledgerHead: (delivery, during) => read((open) => ledger.head(open, delivery, during), undefined, during),
    ledgerAfter: (delivery, seq, limit, during) =>
      read((open) => ledger.after(open, delivery, seq, limit, during), [], during),
    write: (batch, onRejected, during) =>
      using((open) => writeBatch(open, batch, onRejected, during), during),
    discardStaged: (delivery, during) =>
      using(async (open) => {
        if (!(await ledger.exists(open, during))) return;
        await open.begin('write', during);
        await ledger.discardStaged(open, delivery, during);
        await open.commit(during);
        const table = await dialect.describe(open, schema, wanted.table, during);
        const name = shadowOf(delivery);
        if (!table || !(await dialect.describe(open, table.schema, name, during))) return;
        await open.query(dialect.dropTable(qualified(dialect, table.schema, name)), [], during);
      }, during),
    [Symbol.asyncDispose]: close,
  };
}

function gone({ delivery, resource }: SinkBatch) {
  return targetErrors.SNAPSHOT_BROKEN({
    delivery: deliveryName(delivery),
    resource: resource.code,
    problem: { zh: '已暂存的部分不见了', en: 'its staged parts are gone' },
  });
}
