import { unfitFor } from '@qianzhi/sql-kit';
import type { PostgresConfig } from '../config.js';
import { productName, serverName } from '../connection/classify.js';
import type { Session } from '../connection/session.js';
import type { TableColumn } from '../connection/table.js';
import { postgresErrors } from '../errors.js';
import { ownName, quoted } from '../identifier.js';
import type { Reading } from '../source/reading.js';
import { lagBytesOf } from './holders.js';
import { publicationOf, requireApart, unpublished } from './publication.js';

/** A table whose changes the server can tell, checked. */
export interface Followed {
  readonly slot: string;
  readonly publication: string;
  readonly maxLagBytes: bigint;
  readonly keyColumns: readonly TableColumn[];
  /** The user may make the publication. */
  readonly mayPublish: boolean;
}

/** TRUNCATE is told from 11 on. */
const OLDEST = 110_000;
/** Before 12 nobody can read beside whoever reads a slot. */
const COPIES_SLOTS = 120_000;

/** Throws STRATEGY_UNFIT, LOG_OFF, LOG_IDENTITY, LOG_PARTITION (config), LOG_DENIED or LOG_UNPUBLISHED (denied). Changes nothing. */
export async function followedTable(
  reading: Reading,
  session: Session,
  signal: AbortSignal,
): Promise<Followed> {
  const { table, config, spec } = reading;
  requireFollowable(reading, session);
  const { rows } = await session.query(
    `SELECT pg_catalog.current_setting('wal_level') AS level,
       (SELECT bool_or(r.rolsuper AND r.rolname = CURRENT_USER OR r.rolreplication AND r.rolname = CURRENT_USER
          OR r.rolname = 'rds_replication' AND pg_catalog.pg_has_role(r.oid, 'MEMBER'))
        FROM pg_catalog.pg_roles r) AS may_replicate,
       pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
         AND pg_catalog.pg_has_role(c.relowner, 'USAGE') AS may_publish
     FROM pg_catalog.pg_class c WHERE c.oid = $1`,
    [table.oid],
    signal,
  );
  const found = rows[0]!;
  const server = serverName(config);
  if (found.level !== 'logical') throw postgresErrors.LOG_OFF({ server, level: found.level ?? '' });
  if (found.may_replicate !== 't') throw postgresErrors.LOG_DENIED({ server, user: config.user });
  const keyColumns = keyColumnsOf(reading);
  await requireIdentity(reading, keyColumns, session, signal);
  const slot = spec.log?.slot ?? slotName(reading, session);
  const followed = {
    slot,
    publication: spec.log?.publication ?? slot,
    maxLagBytes: lagBytesOf(spec.log?.maxLagMiB),
    keyColumns,
    mayPublish: found.may_publish === 't' && !config.readOnly,
  };
  const published = await publicationOf(reading, followed, session, signal);
  const isMade = followed.mayPublish && (published === 'none' || published === 'ours');
  if (published !== 'whole' && !isMade) {
    const shared = session.version >= COPIES_SLOTS || spec.log?.publication !== undefined;
    throw unpublished(reading, followed, published, session.version, shared);
  }
  if (published === 'ours') await requireApart(reading, followed, session, signal);
  return followed;
}

/** One for all exchanges of a connector that have the same publication: a slot is read by one list of publications. */
function slotName(reading: Reading, session: Session): string {
  const { alongside, spec, config } = reading;
  if (!alongside || session.version < COPIES_SLOTS) return ownSlotName(reading);
  return sharedSlotName(config, alongside.name, spec.log?.publication);
}

/** Slots are of the server: a name holds the database, which those of tables do not. */
export function sharedSlotName(
  { database }: Pick<PostgresConfig, 'database'>,
  group: string,
  publication: string | undefined,
): string {
  return ownName('log', database, group, ...(publication === undefined ? [] : [publication]));
}

/** Of an exchange that stands alone, as all of them did once. */
export function ownSlotName({
  config,
  table,
  resource,
}: Pick<Reading, 'config' | 'table' | 'resource'>): string {
  return ownName('log', config.database, table.schema, table.name, resource);
}

function requireFollowable(reading: Reading, session: Session): void {
  const { table, config } = reading;
  const unfit = unfitFor(reading);
  if (session.version < OLDEST || !(config.flavour?.log ?? true)) {
    const product = productName(config);
    throw unfit(`${product} 的此版本没有可用的日志`, `this version of ${product} has no log to follow`);
  }
  if (session.standby) throw unfit('备库不能使用该策略', 'a standby cannot be followed');
  if (table.hasChildren || (table.kind !== 'table' && table.kind !== 'partitioned'))
    throw unfit('只有普通表与分区表有日志', 'only plain and partitioned tables are in the log');
}

function keyColumnsOf(reading: Reading): readonly TableColumn[] {
  const unfit = unfitFor(reading);
  const columns = reading.projection.items.flatMap(({ item, column }) =>
    item.key && column ? [column] : [],
  );
  if (columns.length === 0) throw unfit('资源没有取自表列的主键项', 'no key item comes from a column');
  const loose = columns.find(({ required }) => !required);
  if (loose) throw unfit(`主键项的列 ${loose.name} 可为空`, `column ${loose.name} of a key item may be NULL`);
  return columns;
}

/** Of a partitioned table that of each partition, too: theirs are what is written to the log. */
async function requireIdentity(
  { table }: Reading,
  keyColumns: readonly TableColumn[],
  session: Session,
  signal: AbortSignal,
): Promise<void> {
  const { rows } = await session.query(
    `WITH RECURSIVE parts AS (
       SELECT $1::oid AS part UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN parts ON i.inhparent = part)
     SELECT n.nspname AS schema, c.relname AS name, c.relreplident AS identity,
       pg_catalog.array_to_json(ARRAY(SELECT a.attname::text FROM pg_catalog.pg_index i
         JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
         WHERE i.indrelid = c.oid AND i.indisvalid
           AND CASE c.relreplident WHEN 'd' THEN i.indisprimary ELSE i.indisreplident END)) AS columns
     FROM parts JOIN pg_catalog.pg_class c ON c.oid = part JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind <> 'p' OR c.oid = $1 ORDER BY c.oid <> $1, 1, 2`,
    [table.oid],
    signal,
  );
  for (const { schema, name, identity, columns } of rows) {
    if (identity === 'f') continue;
    const covered = identity === 'n' ? [] : (JSON.parse(columns ?? '[]') as string[]);
    const missing = keyColumns.map((column) => column.name).filter((column) => !covered.includes(column));
    if (missing.length === 0) continue;
    const of = `${quoted(schema!)}.${quoted(name!)}`;
    throw postgresErrors.LOG_IDENTITY({ table: of, columns: missing.join(', ') });
  }
}

/**
 * What the log is of: it changes with the table, the publication, or the table's place in it, because nobody knows what was
 * changed in between.
 */
export async function identityOf(
  { table }: Reading,
  { slot, publication }: Followed,
  session: Session,
  signal: AbortSignal,
): Promise<string> {
  const { rows } = await session.query(
    `SELECT p.oid AS publication, r.oid AS place FROM pg_catalog.pg_publication p
     LEFT JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = $2 WHERE p.pubname = $1::text`,
    [publication, table.oid],
    signal,
  );
  const found = rows[0];
  return [slot, table.oid, found?.publication ?? '', found?.place ?? ''].join('/');
}
