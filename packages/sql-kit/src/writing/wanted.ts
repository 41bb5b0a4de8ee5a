import { checkShape } from '@qianzhi/model';
import type { PluginContext, SinkSpec } from '@qianzhi/plugin-api';
import type { SqlDialect } from '../database/dialect.js';
import type { SqlSession } from '../database/session.js';
import { targetErrors } from '../errors/target-errors.js';
import { type SqlTarget, SqlTargetSchema } from '../schemas.js';

/** What a connector brings to open a sink. */
export interface SqlSinkOrigin {
  readonly dialect: SqlDialect;
  /** Schema of our tables, and of tables that name none; undefined: the session's own. */
  readonly schema: string | undefined;
  readonly readOnly: boolean;
  /** How messages name the database. */
  readonly server: string;
  connect(kind: 'read' | 'write', doing: string, signal: AbortSignal): Promise<SqlSession>;
}

/** What an exchange wants of its target. */
export interface WantedTarget {
  readonly wanted: SqlTarget;
  readonly schema: string | undefined;
  /** Zone of wall-clock times. */
  readonly zone: string;
  readonly doing: string;
}

/** Throws WRITE_MODE or TARGET_READ_ONLY (config). */
export function wantedTarget(origin: SqlSinkOrigin, spec: SinkSpec, context: PluginContext): WantedTarget {
  const wanted = checkShape(SqlTargetSchema, structuredClone(spec.target), 'target');
  if (spec.write !== undefined && spec.write !== 'merge') throw targetErrors.WRITE_MODE({ mode: spec.write });
  if (origin.readOnly) throw targetErrors.TARGET_READ_ONLY({ server: origin.server });
  return {
    wanted,
    schema: wanted.schema === undefined ? origin.schema : origin.dialect.newName(wanted.schema),
    zone: wanted.zone ?? context.timeZone,
    doing: `write ${wanted.table}`,
  };
}
