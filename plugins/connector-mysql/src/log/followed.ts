import { createHash } from 'node:crypto';
import { isQianzhiError } from '@qianzhi/model';
import { unfitFor } from '@qianzhi/sql-kit';
import { serverName } from '../connection/classify.js';
import type { Session } from '../connection/session.js';
import { mysqlErrors } from '../errors.js';
import { literal } from '../identifier.js';
import type { Reading } from '../source/reading.js';
import { keyLiteralOf } from './key-values.js';
import type { Point } from './position.js';
import type { FollowedTable } from './rows-event.js';

/** A table whose changes the server can tell, checked. */
export interface Followed extends FollowedTable {
  /** Ours among the server's replicas. */
  readonly serverId: number;
}

/** Throws STRATEGY_UNFIT, LOG_OFF, LOG_FORMAT, LOG_FILTERED, LOG_IMAGE (config) or LOG_DENIED (denied). */
export async function followedTable(
  reading: Reading,
  session: Session,
  signal: AbortSignal,
): Promise<Followed> {
  const { table, spec, resource } = reading;
  const { family } = session.flavour;
  const unfit = unfitFor(reading);
  if (family === 'TiDB' || family === 'OceanBase')
    throw unfit(`${family} 没有 MySQL 的二进制日志`, `${family} has no binary log as MySQL has`);
  if (table.kind !== 'table') throw unfit('只有表有日志', 'only tables are in the log');
  const settings = await settingsOf(session, signal);
  requireRowLog(reading, session, settings);
  const key = keyOf(reading);
  requireImage(reading, settings, key);
  await requireNoCascade(reading, session, signal);
  await requireLogged(reading, session, signal);
  const { database, name, columns } = table;
  const { host, port, user } = reading.config;
  const own = createHash('sha256').update(JSON.stringify([host, port, user, database, name, resource]));
  // the upper half of all numbers is what nobody chooses by hand
  const serverId = spec.log?.serverId ?? (own.digest().readUInt32BE() | 0x8000_0000) >>> 0;
  return { database, name, columns, key, serverId };
}

/** Whose log it is. It is asked again with each read: behind one address another server may answer. */
export async function serverOf(session: Session, signal: AbortSignal): Promise<string> {
  const { rows } = await session.query(
    `SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_id', 'server_uid', 'server_uuid')`,
    signal,
  );
  const names = rows.map((row) => [row['Variable_name']!.toLowerCase(), row['Value'] ?? ''] as const);
  const found = new Map(names);
  return found.get('server_uuid') ?? `${found.get('server_id')}:${found.get('server_uid') ?? ''}`;
}

type Settings = ReadonlyMap<string, string>;

async function settingsOf(session: Session, signal: AbortSignal): Promise<Settings> {
  const { rows } = await session.query(
    `SHOW GLOBAL VARIABLES WHERE Variable_name IN ('log_bin', 'binlog_format', 'binlog_row_image', 'gtid_mode',
       'log_slave_updates', 'log_replica_updates', 'binlog_transaction_compression')`,
    signal,
  );
  return new Map(
    rows.map((row) => [row['Variable_name']!.toLowerCase(), (row['Value'] ?? '').toUpperCase()]),
  );
}

function requireRowLog({ config }: Reading, session: Session, settings: Settings): void {
  const server = serverName(config);
  const off = (name: string, needed: string) =>
    mysqlErrors.LOG_OFF({ server, setting: `${name} = ${settings.get(name)}`, needed });
  const isMysql = session.flavour.family === 'MySQL';
  if (settings.get('log_bin') !== 'ON') throw off('log_bin', 'log_bin, server_id, binlog_format = ROW');
  const updates = settings.has('log_replica_updates') ? 'log_replica_updates' : 'log_slave_updates';
  if (session.replica && settings.get(updates) === 'OFF') throw off(updates, `${updates} = ON`);
  // what is seen can be told from what is only in the log by these numbers alone
  if (isMysql && settings.get('gtid_mode') !== 'ON')
    throw off('gtid_mode', 'gtid_mode = ON, enforce_gtid_consistency = ON');
  const wrong = (name: string, needed: string) =>
    mysqlErrors.LOG_FORMAT({
      server,
      setting: `${name} = ${settings.get(name)}`,
      needed: `${name} = '${needed}'`,
    });
  if ((settings.get('binlog_format') ?? 'ROW') !== 'ROW') throw wrong('binlog_format', 'ROW');
  if (settings.get('binlog_transaction_compression') === 'ON')
    throw wrong('binlog_transaction_compression', 'OFF');
}

function keyOf(reading: Reading): FollowedTable['key'] {
  const unfit = unfitFor(reading);
  const columns = reading.projection.items.flatMap(({ item, column }) =>
    item.key && column ? [column] : [],
  );
  if (columns.length === 0) throw unfit('资源没有取自表列的主键项', 'no key item comes from a column');
  const loose = columns.find(({ required }) => !required);
  if (loose) throw unfit(`主键项的列 ${loose.name} 可为空`, `column ${loose.name} of a key item may be NULL`);
  const names = columns.map(({ name }) => name);
  const isKey = reading.table.indexes.some(
    (index) => index.unique && index.columns.every((name) => name !== null && names.includes(name)),
  );
  if (!isKey)
    throw unfit(
      '主键项的列上没有主键或唯一索引',
      'no primary key or unique index is made of columns of key items',
    );
  return columns.map((column) => {
    const found = keyLiteralOf(column);
    const { name, nativeType } = column;
    if (!found || /zerofill/.test(nativeType))
      throw unfit(
        `主键项的列 ${name} 的类型 ${nativeType} 无法由日志取出`,
        `column ${name} of a key item is ${nativeType}, which is not taken from a log`,
      );
    return { column, literal: found };
  });
}

/** Only of the primary key is it certain that every change tells it. */
function requireImage({ table, config }: Reading, settings: Settings, key: FollowedTable['key']): void {
  const image = settings.get('binlog_row_image') ?? 'FULL';
  if (image.startsWith('FULL')) return;
  const others = key.map(({ column }) => column.name).filter((name) => !table.primaryKey.includes(name));
  if (others.length === 0) return;
  throw mysqlErrors.LOG_IMAGE({
    server: serverName(config),
    setting: `binlog_row_image = ${image}`,
    table: table.name,
    columns: others.join(', '),
  });
}

/** What a foreign key does to the rows of its own table is in no log of rows. */
async function requireNoCascade(reading: Reading, session: Session, signal: AbortSignal): Promise<void> {
  const { database, name } = reading.table;
  const { rows } = await session.query(
    `SELECT constraint_name AS name FROM information_schema.referential_constraints
     WHERE constraint_schema = ${literal(database)} AND table_name = ${literal(name)}
       AND (delete_rule NOT IN ('RESTRICT', 'NO ACTION') OR update_rule NOT IN ('RESTRICT', 'NO ACTION'))`,
    signal,
  );
  const [found] = rows;
  if (!found) return;
  throw unfitFor(reading)(
    `外键 ${found['name']} 的级联改动不进入日志`,
    `what foreign key ${found['name']} cascades is in no log`,
  );
}

async function requireLogged(reading: Reading, session: Session, signal: AbortSignal): Promise<void> {
  const { database } = reading.table;
  const status = await masterStatus(reading, session, signal);
  const names = (column: string) => (status[column] ?? '').split(',').filter((name) => name !== '');
  const [only, ignored] = [names('Binlog_Do_DB'), names('Binlog_Ignore_DB')];
  const filter =
    only.length > 0 && !only.includes(database)
      ? `binlog_do_db = ${only.join(', ')}`
      : ignored.includes(database)
        ? `binlog_ignore_db = ${database}`
        : undefined;
  if (filter === undefined) return;
  throw mysqlErrors.LOG_FILTERED({ server: serverName(reading.config), database, filter });
}

/** Where the log ends now: between two transactions. */
export async function endOfLog(reading: Reading, session: Session, signal: AbortSignal): Promise<Point> {
  const status = await masterStatus(reading, session, signal);
  return { file: status['File'] ?? '', offset: Number(status['Position'] ?? 4) };
}

async function masterStatus(reading: Reading, session: Session, signal: AbortSignal) {
  const { family, number } = session.flavour;
  const isNew = family === 'MySQL' && number >= 80_400;
  const sql = isNew ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS';
  const { rows } = await session.query(sql, signal).catch((error: unknown) => {
    throw deniedLog(reading, session, error);
  });
  return rows[0] ?? {};
}

/** What stands behind a refusal of the server; any other error as it is. */
export function deniedLog(reading: Reading, session: Session, error: unknown): unknown {
  if (!isQianzhiError(error) || error.kind !== 'denied') return error;
  const { family, number } = session.flavour;
  const monitor = family === 'MariaDB' && number >= 100_502 ? 'BINLOG MONITOR' : 'REPLICATION CLIENT';
  const { user } = reading.config;
  const needed = `REPLICATION SLAVE, ${monitor}`;
  const reason = String(error.details['reason'] ?? '');
  return mysqlErrors.LOG_DENIED({ server: serverName(reading.config), user, reason, needed }, error);
}
