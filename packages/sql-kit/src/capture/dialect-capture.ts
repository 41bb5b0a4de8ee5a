import type { Capture, CaptureObjectState, CaptureSpec, PluginContext } from '@qianzhi/plugin-api';
import type { SqlSession } from '../database/session.js';
import type { SqlColumn, SqlTable } from '../database/table.js';
import { sourceErrors } from '../errors/source-errors.js';
import type { Reading } from '../reading/reading.js';
import type { SqlSourceOrigin } from '../reading/source.js';
import {
  type CaptureDesign,
  type CaptureSite,
  capturedKey,
  captureNames,
  captureOver,
  judged,
  requireCapture,
} from './capture.js';

/** How a dialect captures changes. */
export interface SqlCapture {
  /** `texts`: of each trigger, as `triggers` answers it. */
  design(
    table: SqlTable,
    key: readonly SqlColumn[],
    now: Date,
  ): CaptureDesign & { readonly texts: ReadonlyMap<string, string> };
  /** Triggers of a table as they are now. */
  triggers(
    session: SqlSession,
    table: SqlTable,
    signal: AbortSignal,
  ): Promise<readonly { readonly name: string; readonly text: string; readonly enabled: boolean }[]>;
}

type Dialect = SqlSourceOrigin['dialect'];

/** Undefined where the dialect captures none. */
export function dialectCapture(origin: SqlSourceOrigin, context: PluginContext): Capture | undefined {
  const { dialect } = origin;
  const { capture } = dialect;
  if (!capture) return undefined;
  return captureOver(origin.readOnly, async (spec, kind, signal) => {
    if (kind === 'write' && origin.readOnly) {
      const problem = { zh: '连接器为 readOnly', en: 'the connector is readOnly' };
      throw sourceErrors.CAPTURE_UNFIT({ table: spec.table, problem });
    }
    const session = await origin.connect(kind, `capture ${spec.table}`, signal);
    try {
      return await siteOf(
        dialect,
        capture,
        session,
        { schema: origin.schema, ...spec },
        context.now(),
        signal,
      );
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
  });
}

async function siteOf(
  dialect: Dialect,
  capture: SqlCapture,
  session: SqlSession,
  spec: Omit<CaptureSpec, 'schema'> & { readonly schema?: string | undefined },
  now: Date,
  signal: AbortSignal,
): Promise<CaptureSite> {
  const table = await dialect.describe(session, spec.schema, spec.table, signal);
  if (!table) throw sourceErrors.TABLE_MISSING({ server: session.server, table: spec.table });
  if (table.kind !== 'table') {
    const problem = { zh: '它不是表', en: 'it is no table' };
    throw sourceErrors.CAPTURE_UNFIT({ table: table.name, problem });
  }
  const found = await lookAt(dialect, capture, session, table, spec.key, now, signal);
  return {
    design: found.design,
    states: found.states,
    async run(statements, during) {
      for (const sql of statements) {
        await session.begin('write', during);
        await session.query(sql, [], during);
        await session.commit(during);
      }
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

async function lookAt(
  dialect: Dialect,
  capture: SqlCapture,
  session: SqlSession,
  table: SqlTable,
  key: readonly string[] | undefined,
  now: Date,
  signal: AbortSignal,
) {
  const name = dialect.newName(captureNames(dialect.nameBytes, table.schema, table.name).log);
  const log = await dialect.describe(session, table.schema, name, signal);
  const wanted = { table: table.name, ...(key && { key }) };
  const design = capture.design(table, capturedKey(wanted, table, log, sourceErrors), now);
  const states = async (during: AbortSignal): Promise<readonly CaptureObjectState[]> => {
    const there = await dialect.describe(session, table.schema, name, during);
    const triggers = await capture.triggers(session, table, during);
    return design.objects.map((object) => {
      if (object.kind === 'table') return judged(object, there && { text: '', enabled: true }, '');
      const trigger = triggers.find((each) => each.name === object.name);
      return judged(object, trigger, design.texts.get(object.name) ?? '');
    });
  };
  return { design, states, name };
}

/** Proves before each read that what fills a change table of ours is whole. False for one of others. Throws CAPTURE_BROKEN. */
export async function requireLiveDialectCapture(
  { dialect, table, spec, context }: Omit<Reading, 'session'>,
  session: SqlSession,
  signal: AbortSignal,
): Promise<boolean> {
  const { capture } = dialect;
  const name = dialect.newName(captureNames(dialect.nameBytes, table.schema, table.name).log);
  if (!capture || spec.changeTable?.table !== name) return false;
  const { states } = await lookAt(dialect, capture, session, table, undefined, context.now(), signal);
  requireCapture(table.name, await states(signal), sourceErrors);
  return true;
}
