import { checkShape, deliveryName } from '@qianzhi/model';
import type { LedgerRow, OnRejected, PluginContext, Sink, SinkBatch, SinkSpec } from '@qianzhi/plugin-api';
import { supplierOf } from '@qianzhi/sql-kit';
import { type PostgresConfig, TargetSchema } from '../config.js';
import { serverName } from '../connection/classify.js';
import { postgresErrors } from '../errors.js';
import { qualified } from '../identifier.js';
import { createTarget } from './create-table.js';
import { applyDelta } from './delta.js';
import { createFitting, type Fitting } from './fitting.js';
import { hasLedger, ledgerOf } from './ledger.js';
import { collectRejections } from './rejections.js';
import { applyPart } from './shadow.js';
import { shadowName } from './shadow-table.js';
import { claimSql, claimTarget } from './suppliers.js';
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
  const read = async <T>(answer: (work: Work) => Promise<T>, none: T, signal: AbortSignal): Promise<T> => {
    const work = workOn(await line.session(signal), signal);
    return (await hasLedger(work, writing.schema)) ? answer(work) : none;
  };
  return {
    ledgerHead: (delivery, signal) => read((work) => ledger.head(work, delivery), undefined, signal),
    ledgerAfter: (delivery, seq, limit, signal) =>
      read((work) => ledger.after(work, delivery, seq, limit), [], signal),
    write(batch, onRejected, signal) {
      const look = {
        known: ledger.lookSql(batch.delivery, batch.seq),
        supplier: claimSql(writing),
        shape: fitting.shapeSql,
      };
      // no one may alter the table between the look at it and the commit; deferred checks are to name their rows
      const statements = [fitting.lockSql, 'SET CONSTRAINTS ALL IMMEDIATE'];
      return line.transaction(
        { statements, look },
        (work) => writeBatch(work, writing, fitting, batch, onRejected),
        signal,
      );
    },
    discardStaged: (delivery, signal) =>
      line.transaction(
        {},
        async (work) => {
          await ledger.discardStaged(work, delivery);
          work.last(
            `DROP TABLE IF EXISTS ${qualified(writing.schema, shadowName(writing, supplierOf(delivery)))}`,
          );
        },
        signal,
      ),
    async [Symbol.asyncDispose]() {
      await line.close();
    },
  };
}

async function writeBatch(
  work: Transaction,
  writing: Writing,
  fitting: Fitting,
  batch: SinkBatch,
  onRejected: OnRejected,
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
  await claimTarget(work, writing, target, supplierOf(delivery), work.found['supplier'] ?? undefined);
  const rejections = collectRejections(batch, target.keyFields, onRejected, work.signal);
  const applied =
    batch.kind === 'snapshot'
      ? await applyPart(work, writing, target, batch, rejections)
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
