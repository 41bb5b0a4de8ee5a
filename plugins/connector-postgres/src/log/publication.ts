import type { PostgresSource } from '../config.js';
import { serverName } from '../connection/classify.js';
import { openSession, type Session } from '../connection/session.js';
import { postgresErrors } from '../errors.js';
import { qualified, quoted } from '../identifier.js';
import type { Reading } from '../source/reading.js';
import type { Followed } from './followed.js';

/** Before 13 a publication has no tables that are partitioned. */
const ROOTS = 130_000;

/** `ours` is one of our own that the table is not in, or not any more: who drops a table takes it out of its publication. */
type Published = 'whole' | 'part' | 'ours' | 'none';

/** Whether the publication is there, and tells all changes of the table. */
export async function publicationOf(
  { table, spec }: Reading,
  { publication }: Pick<Followed, 'publication'>,
  session: Session,
  signal: AbortSignal,
): Promise<Published> {
  const { rows } = await session.query(
    `SELECT p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate AS every, EXISTS (
       SELECT 1 FROM pg_catalog.pg_publication_tables t WHERE t.pubname = p.pubname
         AND t.schemaname = $2::text AND t.tablename = $3::text AND pg_catalog.row_to_json(t) ->> 'rowfilter' IS NULL) AS told,
       EXISTS (SELECT 1 FROM pg_catalog.pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = $4) AS listed,
       pg_catalog.pg_has_role(p.pubowner, 'USAGE') AND NOT p.puballtables AS ours
     FROM pg_catalog.pg_publication p WHERE p.pubname = $1::text`,
    [publication, table.schema, table.name, table.oid],
    signal,
  );
  const found = rows[0];
  if (!found) return 'none';
  const { every, told, listed, ours } = found;
  if (every === 't' && told === 't') return 'whole';
  return every === 't' && listed !== 't' && ours === 't' && spec.log?.publication === undefined
    ? 'ours'
    : 'part';
}

/** Makes the publication if it is not there, and takes the table into one of our own. */
export async function publish(
  reading: Reading,
  followed: Followed,
  write: Session,
  signal: AbortSignal,
): Promise<void> {
  const published = await publicationOf(reading, followed, write, signal);
  if (published === 'ours') {
    await requireApart(reading, followed, write, signal);
    await write.query(
      `ALTER PUBLICATION ${quoted(followed.publication)} ADD TABLE ${reading.from}`,
      [],
      signal,
    );
  }
  if (published === 'none') await write.query(createSql(reading.from, followed, write.version), [], signal);
}

/**
 * In one of our own the changes of a partition are told as those of its partitioned table: whoever follows the partition would see
 * none. Throws LOG_PARTITION (config).
 */
export async function requireApart(
  { table, config, from }: Reading,
  { publication }: Pick<Followed, 'publication'>,
  session: Session,
  signal: AbortSignal,
): Promise<void> {
  const { rows } = await session.query(
    `WITH RECURSIVE parts AS (
       SELECT i.inhrelid AS part, i.inhparent AS whole FROM pg_catalog.pg_inherits i
       JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relispartition),
     up AS (SELECT $2::oid AS rel UNION SELECT whole FROM parts JOIN up ON part = rel),
     down AS (SELECT $2::oid AS rel UNION SELECT part FROM parts JOIN down ON whole = rel)
     SELECT n.nspname AS schema, c.relname AS name FROM pg_catalog.pg_publication_rel r
       JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid JOIN pg_catalog.pg_class c ON c.oid = r.prrelid
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE p.pubname = $1::text AND c.oid <> $2::oid
       AND (c.oid IN (SELECT rel FROM up) OR c.oid IN (SELECT rel FROM down)) ORDER BY 1, 2 LIMIT 1`,
    [publication, table.oid],
    signal,
  );
  const [found] = rows;
  if (!found) return;
  const other = qualified(found.schema!, found.name!);
  throw postgresErrors.LOG_PARTITION({ server: serverName(config), table: from, other, publication });
}

/** Takes tables out of a publication of our own that no exchange of the config reads any more: nobody has to send their changes. */
export async function unpublishOthers(
  { alongside, config, spec, about, sessions, table }: Reading,
  { publication, mayPublish }: Followed,
  signal: AbortSignal,
): Promise<void> {
  if (!alongside || !mayPublish || spec.log?.publication !== undefined) return;
  const wanted = new Set([JSON.stringify([table.schema, table.name])]);
  for (const { source } of alongside.others()) {
    const { schema = config.schema, table: name } = source as PostgresSource;
    wanted.add(JSON.stringify([schema, name]));
  }
  const { rows } = await sessions.use(signal, (session) =>
    session.query(
      `SELECT n.nspname AS schema, c.relname AS name FROM pg_catalog.pg_publication_rel r
       JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid JOIN pg_catalog.pg_class c ON c.oid = r.prrelid
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE p.pubname = $1::text AND pg_catalog.pg_has_role(p.pubowner, 'USAGE')`,
      [publication],
      signal,
    ),
  );
  const left = rows.filter(({ schema, name }) => !wanted.has(JSON.stringify([schema, name])));
  if (left.length === 0) return;
  const tables = left.map(({ schema, name }) => qualified(schema!, name!)).join(', ');
  const write = await openSession(about, 'write', signal);
  try {
    await write.query(`ALTER PUBLICATION ${quoted(publication)} DROP TABLE ${tables}`, [], signal);
  } finally {
    await write.close();
  }
}

function createSql(tables: string, { publication }: Followed, version: number): string {
  // others that come to it may be partitioned
  const root = version >= ROOTS ? ' WITH (publish_via_partition_root = true)' : '';
  return `CREATE PUBLICATION ${quoted(publication)} FOR TABLE ${tables}${root}`;
}

/** Where there is no publication yet, one statement for all that are to share it: a second one could not make it again. */
export function unpublished(
  reading: Reading,
  followed: Followed,
  published: Published,
  version: number,
  shared: boolean,
) {
  const name = quoted(followed.publication);
  const sql =
    published === 'none'
      ? createSql((shared ? sharers(reading) : [reading.from]).join(', '), followed, version)
      : `ALTER PUBLICATION ${name} ADD TABLE ${reading.from}; ALTER PUBLICATION ${name} SET (publish = 'insert, update, delete, truncate')`;
  const { config, table } = reading;
  const facts = { server: serverName(config), table: table.name, publication: followed.publication, sql };
  return postgresErrors.LOG_UNPUBLISHED(facts);
}

/** Tables of all exchanges that have the same publication; the same text, whichever of them asks. */
function sharers({ alongside, config, spec, from }: Reading): readonly string[] {
  const others = (alongside?.others() ?? []).flatMap(({ source }) => {
    const { schema = config.schema, table, log } = source as PostgresSource;
    return publicationName(log) === publicationName(spec.log) ? [qualified(schema, table)] : [];
  });
  return [...new Set([from, ...others])].sort();
}

function publicationName(log: PostgresSource['log']): string | undefined {
  return log?.publication ?? log?.slot;
}
