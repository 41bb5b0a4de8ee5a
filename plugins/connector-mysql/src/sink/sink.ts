import { checkShape, deliveryName } from '@qianzhi/model';
import type { LedgerRow, OnRejected, PluginContext, Sink, SinkBatch, SinkSpec } from '@qianzhi/plugin-api';
import { collectRejections, createPartLoader, supplierOf } from '@qianzhi/sql-kit';
import { isOn } from '../check.js';
import { type MysqlConfig, TargetSchema } from '../config.js';
import { serverName } from '../connection/classify.js';
import { mysqlErrors } from '../errors.js';
import { qualified } from '../identifier.js';
import { createTarget } from './create-table.js';
import { applyDelta, createTyped, requireKeys } from './delta.js';
import { createFitting, type Fitting } from './fitting.js';
import { hasLedger, ledgerOf, SWAPS } from './ledger.js';
import { type Line, openLine } from './line.js';
import { applyPart, placeForPart } from './shadow.js';
import { shadowName } from './shadow-table.js';
import { createAhead, type StagedAhead } from './stage-ahead.js';
import { stageBatch } from './staging.js';
import { claimTarget, createKeyTable } from './suppliers.js';
import { abandonSwap, finishSwap, intentSql } from './swap.js';
import { inTransaction, type Work, type Writing } from './writing.js';

/** Opens a sink on a session of its own. With `create` the table is made now, so that its fit is checked like any other's. */
export async function openSink(
  config: MysqlConfig,
  spec: SinkSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<Sink> {
  const writing = writingOf(config, spec, context);
  const line = openLine(writing);
  try {
    const { resource } = spec;
    if (writing.spec.create) {
      const make = (work: Work) => createTarget(work, writing.database, writing.spec, resource);
      await line.exclusive(make, signal);
    }
    const work = await line.work(signal);
    const fitting = createFitting(writing);
    // a target that a cut swap has renamed comes back with the first write
    if (!(await isSwapping(work, writing))) await fitting.target(work, resource);
    return sinkOf(writing, line, fitting, await loaderOf(work, writing));
  } catch (error) {
    await line.close();
    throw error;
  }
}

/** Throws what is wrong with the spec before anything is opened. */
export function writingOf(config: MysqlConfig, spec: SinkSpec, context: PluginContext): Writing {
  const wanted = checkShape(TargetSchema, structuredClone(spec.target), 'target');
  if (spec.write === 'append') throw mysqlErrors.WRITE_MODE({ mode: spec.write });
  if (config.readOnly) throw mysqlErrors.TARGET_READ_ONLY({ server: serverName(config) });
  return {
    config,
    spec: wanted,
    database: wanted.database ?? config.database,
    zone: wanted.zone ?? context.timeZone,
    mode: spec.write,
    exchange: spec.exchange,
    ended: (spec.ended ?? []).map(supplierOf),
    about: { doing: `write ${wanted.table}`, config },
    context,
  };
}

async function isSwapping(work: Work, { database, spec }: Writing): Promise<boolean> {
  if (!(await hasLedger(work, database))) return false;
  const { rows } = await work.run(`SELECT \`table\` AS name FROM ${qualified(database, SWAPS)}`);
  return rows.some((row) => row['name'] === spec.table);
}

/** Whether rows go by LOAD DATA; where they cannot it is said once, and the durability of commits is looked at. */
async function loaderOf(work: Work, { config, context, spec }: Writing): Promise<boolean> {
  const { rows } = await work.run(
    'SELECT @@global.local_infile AS local_infile, @@global.innodb_flush_log_at_trx_commit AS flush',
  );
  const server = serverName(config);
  const flush = rows[0]?.['flush'];
  if (flush !== '1') {
    context.log.warn(
      { server, flush, table: spec.table },
      'the server may lose committed rows in a power loss',
    );
  }
  if (config.loadData === 'off') return false;
  if (isOn(rows[0]?.['local_infile'])) return true;
  context.log.warn(
    { server, table: spec.table },
    'local_infile is off: rows are written by INSERT, which is slower',
  );
  return false;
}

function sinkOf(writing: Writing, line: Line, fitting: Fitting, byLoadData: boolean): Sink {
  const ledger = ledgerOf(writing);
  const read = async <T>(answer: (work: Work) => Promise<T>, none: T, signal: AbortSignal): Promise<T> => {
    const work = await line.work(signal);
    return (await hasLedger(work, writing.database)) ? answer(work) : none;
  };
  const ahead = createAhead(writing, line, fitting, byLoadData);
  const { parts, rollBack } = createPartLoader((batch, turn, signal) =>
    ahead(batch, signal, async (staged, session) => {
      const onRejected = await turn.comes();
      return line.exclusive(
        (work) => writeBatch(work, writing, fitting, batch, byLoadData, onRejected, staged),
        signal,
        session,
      );
    }),
  );
  return {
    parts,
    ledgerHead: (delivery, signal) => read((work) => ledger.head(work, delivery), undefined, signal),
    ledgerAfter: (delivery, seq, limit, signal) =>
      read((work) => ledger.after(work, delivery, seq, limit), [], signal),
    async write(batch, onRejected, signal) {
      await rollBack();
      return line.exclusive(
        (work) => writeBatch(work, writing, fitting, batch, byLoadData, onRejected),
        signal,
      );
    },
    async discardStaged(delivery, signal) {
      await rollBack();
      await line.exclusive(async (work) => {
        const shadow = shadowName(writing, supplierOf(delivery));
        await abandonSwap(work, writing, shadow, delivery.stream.resource);
        await inTransaction(work, () => ledger.discardStaged(work, delivery));
        await work.run(`DROP TABLE IF EXISTS ${qualified(writing.database, shadow)}`);
      }, signal);
    },
    async [Symbol.asyncDispose]() {
      await rollBack();
      await line.close();
    },
  };
}

async function writeBatch(
  work: Work,
  writing: Writing,
  fitting: Fitting,
  batch: SinkBatch,
  byLoadData: boolean,
  onRejected: OnRejected,
  ahead?: StagedAhead,
): Promise<LedgerRow> {
  const { delivery, seq, rowsDigest, resource } = batch;
  await finishSwap(work, writing, resource.code);
  const known = await ledgerOf(writing).row(work, delivery, seq);
  if (known) {
    if (known.rowsDigest === rowsDigest) return known;
    const facts = { delivery: deliveryName(delivery), seq, resource: resource.code };
    throw mysqlErrors.LEDGER_CONFLICT(facts);
  }
  const target = await fitting.target(work, resource);
  const snapshot = batch.kind === 'snapshot';
  if (!snapshot) requireKeys(target, batch);
  // DDL and staging come first: they would commit what the transaction has done so far
  await createKeyTable(work, writing, target);
  const place = snapshot ? await placeForPart(work, writing, target, batch) : undefined;
  if (!snapshot) await createTyped(work, target);
  const staging = ahead?.on(work, target) ?? (await stageBatch(work, target, batch, byLoadData));
  const rejections = collectRejections(batch, target.keyFields, onRejected, work.signal);
  const supplier = supplierOf(delivery);

  const written = await inTransaction(work, async () => {
    await claimTarget(work, writing, target, supplier);
    const applied = place
      ? await applyPart(work, writing, target, batch, place, staging, rejections)
      : {
          counts: await applyDelta(work, writing, target, batch, staging, rejections),
          stage: 'applied' as const,
        };
    await rejections.flush();
    const swaps = applied.stage === 'swap';
    const row: LedgerRow = {
      exchange: writing.exchange,
      delivery,
      seq,
      rowsDigest,
      stage: applied.stage === 'staged' ? 'staged' : 'applied',
      snapshotId: batch.snapshot?.id ?? null,
      counts: applied.counts,
      committedAt: writing.context.now().toISOString(),
    };
    const part = batch.snapshot?.part;
    await work.run(
      swaps
        ? intentSql(writing, shadowName(writing, supplier), row, part)
        : ledgerOf(writing).addSql(row, part),
    );
    return { row, swaps };
  });
  if (written.swaps) await finishSwap(work, writing, resource.code);
  else if (place && batch.snapshot?.last) {
    await work.run(`DROP TABLE IF EXISTS ${qualified(writing.database, place.name)}`);
  }
  return written.row;
}
