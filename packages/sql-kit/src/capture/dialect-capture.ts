import type { Capture, PluginContext } from '@qianzhi/plugin-api';
import type { SqlSession } from '../database/session.js';
import type { SqlColumn, SqlTable } from '../database/table.js';
import { sourceErrors } from '../errors/source-errors.js';
import type { SqlSourceOrigin } from '../reading/source.js';
import { type CaptureDesign, captureNames } from './capture.js';
import { type CaptureKit, captureOver, type FoundCode } from './table-capture.js';

/** How a dialect captures changes. */
export interface SqlCapture {
  design(table: SqlTable, key: readonly SqlColumn[], now: Date): CaptureDesign;
  /** Triggers of a table as they are now. */
  triggers(session: SqlSession, table: SqlTable, signal: AbortSignal): Promise<readonly FoundCode[]>;
}

type Dialect = SqlSourceOrigin['dialect'];

/** Undefined where the dialect captures none. `schema`: of tables that name none. */
export function dialectKit(
  dialect: Dialect,
  schema?: string,
): CaptureKit<SqlSession, SqlTable, SqlColumn> | undefined {
  const { capture } = dialect;
  if (!capture) return undefined;
  return {
    errors: sourceErrors,
    kinds: ['table'],
    async table(session, spec, signal) {
      const table = await dialect.describe(session, spec.schema ?? schema, spec.table, signal);
      if (!table) throw sourceErrors.TABLE_MISSING({ server: session.server, table: spec.table });
      return table;
    },
    logName: (table) => dialect.newName(captureNames(dialect.nameBytes, table.schema, table.name).log),
    beside: (session, table, name, signal) => dialect.describe(session, table.schema, name, signal),
    typeOf: ({ nativeType, collation }) => `${nativeType} ${collation ?? ''}`,
    design: capture.design,
    code: capture.triggers,
  };
}

/** Undefined where the dialect captures none. */
export function dialectCapture(origin: SqlSourceOrigin, context: PluginContext): Capture | undefined {
  const kit = dialectKit(origin.dialect, origin.schema);
  if (!kit) return undefined;
  return captureOver(kit, origin.readOnly, context.now, async (spec, kind, signal) => {
    const session = await origin.connect(kind, `capture ${spec.table}`, signal);
    return {
      session,
      async run(statements, during) {
        for (const sql of statements) {
          await session.begin('write', during);
          await session.query(sql, [], during);
          await session.commit(during);
        }
      },
      [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
    };
  });
}
