import type { CheckNote, PluginContext, SinkSpec } from '@qianzhi/plugin-api';
import { warning } from '../check.js';
import type { MysqlConfig } from '../config.js';
import { openSession } from '../connection/session.js';
import { describeTable } from '../connection/table.js';
import { checkWarnings } from '../errors/check-warnings.js';
import { qualified } from '../identifier.js';
import { createTableSql } from './create-table.js';
import { hasLedger } from './ledger.js';
import { narrowColumns } from './narrow-columns.js';
import { writingOf } from './sink.js';
import { fitTarget } from './target.js';
import { workOn } from './writing.js';

const TRIAL = 'qianzhi_trial';

/**
 * Makes what a first write would make under a name of its own and drops it again: shows missing privileges and what does
 * not fit. Neither fences nor waits for the instance that writes.
 */
export async function tryTarget(
  config: MysqlConfig,
  spec: SinkSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<readonly CheckNote[]> {
  const writing = writingOf(config, spec, context);
  const { database } = writing;
  const session = await openSession(writing.about, 'write', signal);
  try {
    const work = workOn(session, signal);
    const trial = qualified(database, `${TRIAL}_${session.client.threadId ?? 0}`);
    const table = await describeTable(session, database, writing.spec.table, signal);
    await work.run(`CREATE TEMPORARY TABLE ${trial} (one INT)`);
    await work.run(`DROP TEMPORARY TABLE ${trial}`);
    await hasLedger(work, database);
    if (!table && writing.spec.create) {
      await work.run(createTableSql(trial, writing.spec, spec.resource));
      await work.run(`DROP TABLE ${trial}`);
      return [];
    }
    const target = await fitTarget(work, database, writing.spec, spec.resource, writing.zone);
    await work.run(`CREATE TABLE ${trial} LIKE ${target.name}`);
    await work.run(`DROP TABLE ${trial}`);
    // statements that touch no row are judged by their privileges all the same
    const [first] = target.columns;
    await work.run(`UPDATE ${target.name} SET ${first?.name} = ${first?.name} WHERE false`);
    await work.run(`DELETE FROM ${target.name} WHERE false`);
    await work.run(
      `INSERT INTO ${target.name} (${first?.name}) SELECT ${first?.name} FROM ${target.name} WHERE false`,
    );
    const loose = target.keys.filter(
      ({ column }) => column.collation !== null && !/(_bin|^binary)$/.test(column.collation),
    );
    return [
      ...narrowColumns(target, spec.resource),
      ...loose.map(({ column }) =>
        warning(
          checkWarnings.KEY_LOOSE({
            table: target.table.name,
            column: column.name,
            collation: column.collation ?? '',
          }),
        ),
      ),
    ];
  } finally {
    await session.close();
  }
}
