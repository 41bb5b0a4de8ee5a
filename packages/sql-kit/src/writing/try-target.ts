import type { CheckNote, PluginContext, SinkSpec } from '@qianzhi/plugin-api';
import { qualified } from '../database/dialect.js';
import type { SqlSession } from '../database/session.js';
import { columnNamed, type SqlTable } from '../database/table.js';
import { sourceErrors } from '../errors/source-errors.js';
import { ownNameWithin } from '../own-name.js';
import { ledgerIn } from './ledger-table.js';
import { relationsOf, stageColumns } from './stage.js';
import { createTableSql, type FittedTarget, fitTarget } from './target.js';
import { type SqlSinkOrigin, type WantedTarget, wantedTarget } from './wanted.js';

const CLEANUP_MS = 30_000;

/**
 * Proves what a first write needs: the fit of the table, tables of our own, and the statements of a merge, run over an empty relation
 * in a transaction that is rolled back. DDL may commit by itself: what is made has names of its own and is dropped again, and the
 * target itself is neither made nor altered.
 */
export async function trySqlTarget(
  origin: SqlSinkOrigin,
  spec: SinkSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<readonly CheckNote[]> {
  const target = wantedTarget(origin, spec, context);
  const session = await origin.connect('write', target.doing, signal);
  const made: string[] = [];
  try {
    await trial(origin, spec, target, session, made, signal);
    return [];
  } finally {
    await session.rollback();
    for (const table of made.reverse()) await drop(origin, session, table, context);
    await session[Symbol.asyncDispose]();
  }
}

async function trial(
  { dialect }: SqlSinkOrigin,
  spec: SinkSpec,
  { wanted, schema, zone }: WantedTarget,
  session: SqlSession,
  made: string[],
  signal: AbortSignal,
): Promise<void> {
  const run = (sql: string) => session.query(sql, [], signal);
  const nameOf = (purpose: string) =>
    dialect.newName(ownNameWithin(dialect.nameBytes, purpose, spec.exchange, wanted.table.toLowerCase()));
  /** Makes a table that was not there, or was left by a trial that did not come to its end. */
  async function make(at: string | undefined, name: string, sql: (table: string) => string): Promise<string> {
    const table = qualified(dialect, at, name);
    if (await dialect.describe(session, at, name, signal)) await run(dialect.dropTable(table));
    await run(sql(table));
    made.push(table);
    return table;
  }

  const table = await dialect.describe(session, schema, wanted.table, signal);
  if (!table && !wanted.create)
    throw sourceErrors.TABLE_MISSING({ server: session.server, table: wanted.table });
  let like: SqlTable | undefined;
  if (wanted.create && table?.kind !== 'view') {
    const name = nameOf('try');
    await make(schema, name, (made) => createTableSql(dialect, made, wanted, spec.resource));
    like = await dialect.describe(session, schema, name, signal);
  }
  const fitted = fitTarget(dialect, withMissing(table, like), wanted, spec.resource, zone);
  await ledgerIn(dialect, schema, spec.exchange).exists(session, signal);
  const columns = stageColumns(dialect, fitted);
  const at = fitted.table.schema;
  const kept = await make(at, nameOf('try_kept'), (name) => dialect.stageDdl(name, 'kept', columns));
  const stage = dialect.sessionStage(at, nameOf('try_stage'));
  if (dialect.stagesStay)
    await make(at, nameOf('try_stage'), () => dialect.stageDdl(stage, 'session', columns));
  else await run(dialect.stageDdl(stage, 'session', columns));
  // columns that are still to be added would be missing from its statements
  const whole = !table || !like || like.columns.every(({ name }) => columnNamed(table, name) !== undefined);
  if (!whole) return;
  await session.begin('write', signal);
  for (const staged of [stage, kept]) {
    for (const sql of merging(dialect, fitted, staged)) await run(sql);
  }
}

/** The table as it will be; columns that are to be added are those of `like`. */
function withMissing(table: SqlTable | undefined, like: SqlTable | undefined): SqlTable {
  if (!table) return like!;
  const added = like?.columns.filter(({ name }) => columnNamed(table, name) === undefined) ?? [];
  return { ...table, columns: [...table.columns, ...added] };
}

/** What a merge sends, but for deletes by absence: of an empty relation all rows are absent. */
function merging(dialect: SqlSinkOrigin['dialect'], target: FittedTarget, staged: string): readonly string[] {
  const none = relationsOf(target, staged, '1 = 0');
  const keyed = target.keys.length > 0;
  const bad = dialect.badRows(none);
  return [
    ...(bad === undefined ? [] : [bad]),
    ...(keyed ? [dialect.deleteStaged(none)] : []),
    ...(keyed && target.keys.length < target.columns.length ? [dialect.update(none)] : []),
    dialect.insert(none),
  ];
}

/** A table that stays is empty, and the next trial takes it away. */
async function drop(
  { dialect }: SqlSinkOrigin,
  session: SqlSession,
  table: string,
  context: PluginContext,
): Promise<void> {
  try {
    await session.query(dialect.dropTable(table), [], AbortSignal.timeout(CLEANUP_MS));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    context.log.warn({ table, code }, 'a table of a trial could not be dropped');
  }
}
