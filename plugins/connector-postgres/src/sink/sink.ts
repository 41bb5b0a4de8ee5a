import { checkShape, deliveryName } from '@qianzhi/model';
import type { LedgerRow, PluginContext, Sink, SinkBatch, SinkSpec } from '@qianzhi/plugin-api';
import { atOnce, collectRejections, createPartLoader, supplierOf, type Turn } from '@qianzhi/sql-kit';
import { type PostgresConfig, TargetSchema } from '../config.js';
import { serverName } from '../connection/classify.js';
import { postgresErrors } from '../errors.js';
import { qualified } from '../identifier.js';
import { createTarget } from './create-table.js';
import { applyDelta } from './delta.js';
import { createFitting, type Fitting } from './fitting.js';
import { hasLedger, ledgerOf } from './ledger.js';
import { applyPart, shadowOf, tryPart } from './shadow.js';
import { openToManySql, shadowName } from './shadow-table.js';
import { createSmallDeltas } from './small-delta.js';
import { claimSql, claimTarget, holdsTarget } from './suppliers.js';
import { type Line, openLine } from './transaction.js';
import { type Transaction, type Work, type Writing, workOn } from './writing.js';

/** Opens a sink on a session of its own. With `create` the table is made now, so that its fit is checked like any other's. */
export async function openSink(
  config: PostgresConfig,
  spec: SinkSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<Sink> {
  const wanted = checkShape(TargetSchema, structuredClone(spec.target), 'target');
  if (spec.write === 'append') throw postgresErrors.WRITE_MODE({ mode: spec.write });
  if (config.readOnly) throw postgresErrors.TARGET_READ_ONLY({ server: serverName(config) });
  const writing: Writing = {
    config,
    spec: wanted,
    schema: wanted.schema ?? config.schema,
    zone: wanted.zone ?? context.timeZone,
    mode: spec.write,
    exchange: spec.exchange,
    ended: (spec.ended ?? []).map(supplierOf),
    about: { doing: `write ${wanted.table}`, config },
    context,
  };
  const line = openLine(writing);
  try {
    if (wanted.create) {
      await line.transaction(
        {},
        ({ session }) => createTarget(session, writing.schema, wanted, spec.resource, signal),
        signal,
      );
    }
    const fitting = createFitting(writing);
    await fitting.first(workOn(await line.session(signal), signal), spec.resource);
    return sinkOf(writing, line, fitting);
  } catch (error) {
    await line.close();
    throw error;
  }
}

function sinkOf(writing: Writing, line: Line, fitting: Fitting): Sink {
  const ledger = ledgerOf(writing);
  const run = (batch: SinkBatch, turn: Turn, signal: AbortSignal): Promise<LedgerRow> => {
    const look = {
      known: ledger.lookSql(batch.delivery, batch.seq),
      supplier: claimSql(writing),
      shape: fitting.shapeSql,
      ...(turn.ahead && { open: openToManySql(writing, shadowOf(writing, batch).name) }),
    };
    // no one may alter the table between the look at it and the commit; deferred checks are to name their rows
    const statements = [fitting.lockSql, 'SET CONSTRAINTS ALL IMMEDIATE'];
    return line.transaction(
      { statements, look, beside: turn.ahead },
      (work) => writeBatch(work, writing, fitting, batch, turn),
      signal,
    );
  };
  const small = createSmallDeltas(writing, line, fitting);
  const { parts, rollBack } = createPartLoader(run);
  const read = async <T>(answer: (work: Work) => Promise<T>, none: T, signal: AbortSignal): Promise<T> => {
    const work = workOn(await line.session(signal), signal);
    return (await hasLedger(work, writing.schema)) ? answer(work) : none;
  };
  return {
    ledgerHead: (delivery, signal) => read((work) => ledger.head(work, delivery), undefined, signal),
    ledgerAfter: (delivery, seq, limit, signal) =>
      read((work) => ledger.after(work, delivery, seq, limit), [], signal),
    parts,
    async write(batch, onRejected, signal) {
      await rollBack();
      return (await small.write(batch, signal)) ?? run(batch, atOnce(onRejected), signal);
    },
    async discardStaged(delivery, signal) {
      await rollBack();
      await line.transaction(
        {},
        async (work) => {
          await ledger.discardStaged(work, delivery);
          work.last(
            `DROP TABLE IF EXISTS ${qualified(writing.schema, shadowName(writing, supplierOf(delivery)))}`,
          );
        },
        signal,
      );
    },
    async [Symbol.asyncDispose]() {
      await rollBack();
      await line.close();
    },
  };
}

async function writeBatch(
  work: Transaction,
  writing: Writing,
  fitting: Fitting,
  batch: SinkBatch,
  turn: Turn,
): Promise<LedgerRow> {
  const { exchange, context } = writing;
  const ledger = ledgerOf(writing);
  const { delivery, seq, rowsDigest, resource } = batch;
  const known = ledger.rowOf(delivery, work.found['known']);
  if (known) {
    if (known.rowsDigest === rowsDigest) return known;
    throw postgresErrors.LEDGER_CONFLICT({
      delivery: deliveryName(delivery),
      seq,
      resource: resource.code,
    });
  }
  const target = await fitting.target(work, resource, work.found['shape'] ?? null);
  const supplier = supplierOf(delivery);
  let feeds = work.found['supplier'];
  // what a part before may change is looked at when it is this one's turn
  const ahead = work.found['open'] === 't' && holdsTarget(writing, supplier, feeds);
  const loaded = ahead ? await tryPart(work, writing, target, batch) : undefined;
  const onRejected = await turn.comes();
  if (turn.ahead && !ahead) feeds = (await work.run(claimSql(writing))).rows[0]?.['supplier'];
  await claimTarget(work, writing, target, supplier, feeds ?? undefined);
  const rejections = collectRejections(batch, target.keyFields, onRejected, work.signal);
  const applied =
    batch.kind === 'snapshot'
      ? await applyPart(work, writing, target, batch, rejections, loaded)
      : {
          counts: await applyDelta(work, writing, target, batch, rejections),
          stage: 'applied' as const,
        };
  await rejections.flush();
  const row: LedgerRow = {
    exchange,
    delivery,
    seq,
    rowsDigest,
    stage: applied.stage,
    snapshotId: batch.snapshot?.id ?? null,
    counts: applied.counts,
    committedAt: context.now().toISOString(),
  };
  work.last(ledger.addSql(row, batch.snapshot?.part));
  return row;
}
