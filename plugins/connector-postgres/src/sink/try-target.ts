import { checkShape } from '@qianzhi/model';
import type { CheckNote, PluginContext, SinkSpec } from '@qianzhi/plugin-api';
import { type PostgresConfig, TargetSchema } from '../config.js';
import { productName, serverName } from '../connection/classify.js';
import { openSession } from '../connection/session.js';
import { postgresErrors } from '../errors.js';
import { qualified } from '../identifier.js';
import { createTarget } from './create-table.js';
import { hasLedger, ledgerDdl } from './ledger.js';
import { narrowColumns } from './narrow-columns.js';
import { fitTarget } from './target.js';
import { workOn } from './writing.js';

/**
 * Makes what a first write would make, in a transaction that is rolled back: shows missing privileges and what does not fit.
 * Neither fences nor waits for the instance that writes.
 */
export async function tryTarget(
  config: PostgresConfig,
  spec: SinkSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<readonly CheckNote[]> {
  const wanted = checkShape(TargetSchema, structuredClone(spec.target), 'target');
  const server = serverName(config);
  if (config.readOnly) throw postgresErrors.TARGET_READ_ONLY({ server });
  const schema = wanted.schema ?? config.schema;
  const about = { doing: `write ${schema}.${wanted.table}` };
  const session = await openSession({ ...about, config }, 'write', signal);
  try {
    const work = workOn(session, signal);
    await work.run('BEGIN');
    if (wanted.create) await createTarget(session, schema, wanted, spec.resource, signal);
    const target = await fitTarget(
      session,
      schema,
      wanted,
      spec.resource,
      wanted.zone ?? context.timeZone,
      signal,
    );
    if (!(await hasLedger(work, schema))) await work.run(ledgerDdl(schema));
    await work.run(`CREATE TABLE ${qualified(schema, 'qianzhi_try')} (LIKE ${target.name})`);
    // deltas are staged in a temporary table
    await work.run('CREATE TEMPORARY TABLE qianzhi_try_delta (one integer)');
    const { rows } = await work.run(
      `SELECT pg_catalog.string_agg(wanted, ', ') AS missing
       FROM pg_catalog.unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) AS wanted
       WHERE NOT pg_catalog.has_any_column_privilege($1::oid, wanted)
       UNION ALL SELECT 'DELETE' WHERE NOT pg_catalog.has_table_privilege($1::oid, 'DELETE')`,
      [target.table.oid],
    );
    const missing = rows.flatMap((row) => row.missing ?? []).join(', ');
    if (missing !== '') {
      throw postgresErrors.NO_PERMISSION({
        ...about,
        product: productName(config),
        server,
        user: config.user,
        reason: missing,
      });
    }
    return narrowColumns(target, spec.resource);
  } finally {
    // closing the session rolls back
    await session.close();
  }
}
