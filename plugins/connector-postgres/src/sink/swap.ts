import { sqlState } from '../connection/classify.js';
import { literal, qualified, quoted } from '../identifier.js';
import { alike, indexRenames } from './shadow-indexes.js';
import type { Target } from './target.js';
import type { Work } from './writing.js';

/**
 * What stands against replacing a table by another one, in words for the log; empty where nothing does. Whatever hangs on the
 * table and is not listed here keeps PostgreSQL from dropping it.
 */
export async function swapObstacles(work: Work, oid: string): Promise<string[]> {
  const { rows } = await work.run(obstacleSql(work.session.version), [oid]);
  return rows.map((row) => row['what']!);
}

function obstacleSql(version: number): string {
  const from10 = version >= 100_000;
  const conditions: Record<string, string> = {
    kind: `c.relkind <> 'r' OR c.relpersistence <> 'p' OR c.reloftype <> 0 OR pg_catalog.to_jsonb(c) ->> 'relispartition' = 'true'`,
    owner: `pg_catalog.pg_get_userbyid(c.relowner) <> CURRENT_USER`,
    settings: `c.reloptions IS NOT NULL OR c.reltablespace <> 0 OR c.relreplident <> 'd' OR t.reloptions IS NOT NULL`,
    grants: `c.relacl IS NOT NULL OR EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL)`,
    'triggers or foreign keys': `EXISTS (SELECT 1 FROM pg_trigger g WHERE g.tgrelid = c.oid)
      OR EXISTS (SELECT 1 FROM pg_constraint k WHERE k.contype = 'f' AND c.oid IN (k.conrelid, k.confrelid))`,
    rules: `EXISTS (SELECT 1 FROM pg_rewrite r WHERE r.ev_class = c.oid)`,
    'row security': `c.relrowsecurity OR EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid)`,
    inheritance: `EXISTS (SELECT 1 FROM pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent))`,
    'identity or column settings': `EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
      AND (coalesce(pg_catalog.to_jsonb(a) ->> 'attidentity', '') <> '' OR a.attoptions IS NOT NULL
        OR coalesce((pg_catalog.to_jsonb(a) ->> 'attstattarget')::int, -1) <> -1))`,
    sequences: `EXISTS (SELECT 1 FROM pg_depend d JOIN pg_class q ON q.oid = d.objid AND q.relkind = 'S'
      WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid)`,
    labels: `EXISTS (SELECT 1 FROM pg_seclabel l WHERE l.classoid = 'pg_class'::regclass AND l.objoid = c.oid)`,
    'index settings': `EXISTS (SELECT 1 FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid
      AND (i.indisclustered OR i.indisreplident OR NOT i.indisvalid OR x.reltablespace <> 0 OR pg_catalog.obj_description(x.oid, 'pg_class') IS NOT NULL))
      OR EXISTS (SELECT 1 FROM pg_index i JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = c.oid WHERE i.indrelid = c.oid AND k.condeferrable)`,
    ...(from10 && {
      publications: `EXISTS (SELECT 1 FROM pg_publication_rel p WHERE p.prrelid = c.oid)
        OR EXISTS (SELECT 1 FROM pg_publication p WHERE p.puballtables)`,
      statistics: `EXISTS (SELECT 1 FROM pg_statistic_ext s WHERE s.stxrelid = c.oid)`,
    }),
    ...(version >= 150_000 && {
      'publications of the schema': `EXISTS (SELECT 1 FROM pg_publication_namespace p WHERE p.pnnspid = c.relnamespace)`,
    }),
  };
  const values = Object.entries(conditions).map(([what, condition]) => `(${literal(what)}, ${condition})`);
  return `SELECT o.what FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_class t ON t.oid = c.reltoastrelid
    CROSS JOIN LATERAL (VALUES ${values.join(', ')}) AS o(what, found) WHERE c.oid = $1 AND o.found`;
}

const SAVEPOINT = 'qianzhi_swap';

/**
 * Puts the shadow in the place of the table, with the names of its indexes, in the transaction of the last part. Answers false,
 * with nothing changed, where something hangs on the table after all: the caller merges.
 */
export async function swapIn(work: Work, target: Target, shadow: string): Promise<boolean> {
  const { oid, schema, name } = target.table;
  await work.run(`LOCK TABLE ${target.name} IN ACCESS EXCLUSIVE MODE`);
  const from = qualified(schema, shadow);
  const renames = await indexRenames(work, schema, oid, from);
  if (!renames || !(await alike(work, oid, from)) || (await swapObstacles(work, oid)).length > 0)
    return false;
  const { rows } = await work.run(`SELECT pg_catalog.obj_description($1, 'pg_class') AS comment`, [oid]);
  const comment = rows[0]?.['comment'];
  const statements = [
    `SAVEPOINT ${SAVEPOINT}`,
    `DROP TABLE ${target.name}`,
    `ALTER TABLE ${from} RENAME TO ${quoted(name)}`,
    ...renames,
    `COMMENT ON TABLE ${target.name} IS ${comment ? literal(comment) : 'NULL'}`,
    `RELEASE ${SAVEPOINT}`,
  ];
  const dropped = await work.session.during(
    async () => {
      try {
        await work.session.client.query(statements.join('; '));
        return true;
      } catch (error) {
        // a view, a function or another table depends on it
        if (sqlState(error) !== '2BP01') throw error;
        return false;
      }
    },
    work.signal,
    work.session.config.statementTimeoutMs,
  );
  if (!dropped) await work.run(`ROLLBACK TO ${SAVEPOINT}; RELEASE ${SAVEPOINT}`);
  return dropped;
}
