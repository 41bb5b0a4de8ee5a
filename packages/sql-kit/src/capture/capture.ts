import type { LocalText, QianzhiError } from '@qianzhi/model';
import type { Capture, CaptureObjectState, CapturePlan, CaptureSpec, CaptureStep } from '@qianzhi/plugin-api';
import { ownNameWithin } from '../own-name.js';

/** One object that capture consists of. */
export interface CaptureObject {
  readonly kind: CaptureObjectState['kind'];
  readonly name: string;
  readonly zh: string;
  readonly en: string;
  /** Made by these, in order. */
  readonly create: readonly string[];
  readonly drop: string;
}

/** How capture of one table is made. A function of the table as it is now: opens nothing. */
export interface CaptureDesign {
  /** As statements name it. */
  readonly table: string;
  /** The change table first; each needs those before it. */
  readonly objects: readonly CaptureObject[];
  /** Writes a change of op `T`. */
  readonly mark: string;
  readonly changeTable: Readonly<Record<string, unknown>>;
  readonly notes: CapturePlan['notes'];
  readonly terminator: string;
}

/** The database, opened for one table. */
export interface CaptureSite extends AsyncDisposable {
  readonly design: CaptureDesign;
  states(signal: AbortSignal): Promise<readonly CaptureObjectState[]>;
  /** Together, where its DDL is part of a transaction. */
  run(statements: readonly string[], signal: AbortSignal): Promise<void>;
}

/** Names of what is made for a table; `bytes` is what the database allows. */
export function captureNames(bytes: number, ...place: readonly string[]) {
  const name = (purpose: string) => ownNameWithin(bytes, purpose, ...place);
  return {
    log: name('log'),
    insert: name('ins'),
    update: name('upd'),
    remove: name('del'),
    truncate: name('trn'),
    code: name('fun'),
  };
}
export type CaptureNames = ReturnType<typeof captureNames>;

/** Columns of a change table of ours; those of the key follow under their own names. */
export const CAPTURE_SERIAL = 'qz_serial';
export const CAPTURE_OP = 'qz_op';

/** The source's part of the config that reads it. */
export function captureSettings(log: string, place: Readonly<Record<string, string>>) {
  return { ...place, table: log, serial: CAPTURE_SERIAL, op: CAPTURE_OP };
}

/**
 * Where serials of a new change table begin: behind those of any that was there before, whose reader would otherwise wait for serials
 * that have long passed.
 */
export function firstSerial(now: Date): string {
  return String(now.getTime());
}

/** A connector's way to capture changes. `open` for writing is asked only by those who write; `readOnly`: nothing can be purged. */
export function captureOver(
  readOnly: boolean,
  open: (spec: CaptureSpec, kind: 'read' | 'write', signal: AbortSignal) => Promise<CaptureSite>,
): Capture {
  return {
    async plan(spec, signal) {
      await using site = await open(spec, 'read', signal);
      const { table, notes, terminator } = site.design;
      const changeTable = { ...site.design.changeTable, purge: !readOnly };
      const install = [...site.design.objects.flatMap(createSteps), markStep(site.design)];
      const remove = [...site.design.objects].reverse().map(dropStep);
      return { table, install, remove, changeTable, notes, terminator };
    },
    async install(spec, signal) {
      await using site = await open(spec, 'write', signal);
      const { objects } = site.design;
      const states = await statesByName(site, signal);
      const amiss = objects.filter(({ name }) => states.get(name) !== 'ok');
      if (amiss.length === 0) return [];
      const broken = amiss.filter(({ name }) => states.get(name) !== 'missing').reverse();
      const steps = [...broken.map(dropStep), ...amiss.flatMap(createSteps), markStep(site.design)];
      await site.run(
        steps.map(({ sql }) => sql),
        signal,
      );
      return steps;
    },
    async remove(spec, signal) {
      await using site = await open(spec, 'write', signal);
      const states = await statesByName(site, signal);
      const there = site.design.objects.filter(({ name }) => states.get(name) !== 'missing');
      const steps = there.reverse().map(dropStep);
      await site.run(
        steps.map(({ sql }) => sql),
        signal,
      );
      return steps;
    },
    async inspect(spec, signal) {
      await using site = await open(spec, 'read', signal);
      return await site.states(signal);
    },
  };
}

async function statesByName(site: CaptureSite, signal: AbortSignal) {
  return new Map((await site.states(signal)).map(({ name, state }) => [name, state]));
}

function createSteps({ zh, en, create }: CaptureObject): CaptureStep[] {
  return create.map((sql) => ({ zh, en, sql }));
}

function dropStep({ kind, name, drop }: CaptureObject): CaptureStep {
  const zh = { table: '变更表', function: '触发器函数', trigger: '触发器' }[kind];
  return { zh: `删除${zh} ${name}`, en: `drop ${kind} ${name}`, sql: drop };
}

function markStep({ mark }: CaptureDesign): CaptureStep {
  return {
    zh: '记下起点:读取方遇到它即重新全量,此前的变更不在表中',
    en: 'mark the beginning: its reader starts with a full copy, for changes from before are not in it',
    sql: mark,
  };
}

/** Compared as text: `found` is undefined where there is none. White space at the ends does not count. */
export function judged(
  { kind, name }: Pick<CaptureObject, 'kind' | 'name'>,
  found: { readonly text: string; readonly enabled: boolean } | undefined,
  expected: string,
): CaptureObjectState {
  if (!found) return { kind, name, state: 'missing' };
  if (!found.enabled) return { kind, name, state: 'disabled' };
  return { kind, name, state: found.text.trim() === expected.trim() ? 'ok' : 'changed' };
}

/**
 * Columns that a change table records, in the table's order: those asked for, else those it has already, else the primary key. Throws
 * CAPTURE_UNFIT or COLUMN_MISSING (config).
 */
export function capturedKey<Column extends { readonly name: string }>(
  { key, table: name }: CaptureSpec,
  table: { readonly columns: readonly Column[]; readonly primaryKey: readonly string[] },
  log: { readonly columns: readonly { readonly name: string }[] } | undefined,
  errors: {
    CAPTURE_UNFIT(details: { table: string; problem: { zh: string; en: string } }): QianzhiError;
    COLUMN_MISSING(details: { table: string; column: string; item: string }): QianzhiError;
  },
): Column[] {
  const recorded = log?.columns.map((column) => column.name).filter((column) => !/^qz_/i.test(column));
  const wanted = key && key.length > 0 ? key : (recorded ?? table.primaryKey);
  if (wanted.length === 0) {
    const problem = {
      zh: '没有主键;以 --key 给出主键信息项的列',
      en: 'no primary key; name the columns of the key items with --key',
    };
    throw errors.CAPTURE_UNFIT({ table: name, problem });
  }
  for (const column of wanted) {
    const known = table.columns.some((each) => each.name === column);
    if (!known) throw errors.COLUMN_MISSING({ table: name, column, item: 'key' });
  }
  return table.columns.filter((column) => wanted.includes(column.name));
}

/** Throws CAPTURE_BROKEN (config), which pauses the stream: what the objects should have recorded is lost. */
export function requireCapture(
  table: string,
  states: readonly CaptureObjectState[],
  errors: { CAPTURE_BROKEN(details: { table: string; objects: string; remedy: LocalText }): QianzhiError },
): void {
  const amiss = states.filter(({ state }) => state !== 'ok');
  if (amiss.length === 0) return;
  const command = `qianzhi connector capture install NAME --table ${table}`;
  throw errors.CAPTURE_BROKEN({
    table,
    remedy: {
      zh: `执行 ${command} 补齐`,
      en: `mend it with \`${command}\``,
    },
    objects: amiss.map(({ kind, name, state }) => `${kind} ${name}: ${state}`).join(', '),
  });
}
