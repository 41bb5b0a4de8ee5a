import type { LocalText, QianzhiError } from '@qianzhi/model';
import type { Capture, CaptureObjectState, CaptureSpec, CaptureStep } from '@qianzhi/plugin-api';
import type { CaptureDesign, CaptureObject } from './capture.js';

export interface CapturedTable<Column> {
  readonly name: string;
  readonly kind: string;
  readonly columns: readonly Column[];
  readonly primaryKey: readonly string[];
}

/** A function or trigger as the database has it. */
export interface FoundCode {
  readonly name: string;
  readonly text: string;
  readonly enabled: boolean;
}

/** What a connector brings so that tables record their own changes. */
export interface CaptureKit<Session, Table extends CapturedTable<Column>, Column extends { name: string }> {
  readonly errors: CaptureErrors;
  /** Kinds of tables that triggers can be made on. */
  readonly kinds: readonly Table['kind'][];
  /** Throws TABLE_MISSING. */
  table(session: Session, spec: CaptureSpec, signal: AbortSignal): Promise<Table>;
  /** The change table's name, as the config has it. */
  logName(table: Table): string;
  /** A table beside another one; undefined where there is none of that name. */
  beside(session: Session, table: Table, name: string, signal: AbortSignal): Promise<Table | undefined>;
  /** A column's type: one of the change table has to have that of the column that it records, or it refuses what that one takes. */
  typeOf(column: Column): string;
  design(table: Table, key: readonly Column[], now: Date): CaptureDesign;
  /** Functions beside the table and its triggers. */
  code(session: Session, table: Table, signal: AbortSignal): Promise<readonly FoundCode[]>;
}

interface CaptureErrors {
  CAPTURE_UNFIT(details: { table: string; problem: LocalText }): QianzhiError;
  CAPTURE_BROKEN(details: { table: string; objects: string; remedy: LocalText }): QianzhiError;
}

/** The database, opened. */
export interface CaptureSite<Session> extends AsyncDisposable {
  readonly session: Session;
  /** Together, where its DDL is part of a transaction. */
  run(statements: readonly string[], signal: AbortSignal): Promise<void>;
}

/** A connector's way to capture changes. `readOnly`: nothing is ever opened for writing, and nothing can be purged. */
export function captureOver<Session, Table extends CapturedTable<Column>, Column extends { name: string }>(
  kit: CaptureKit<Session, Table, Column>,
  readOnly: boolean,
  now: () => Date,
  open: (spec: CaptureSpec, kind: 'read' | 'write', signal: AbortSignal) => Promise<CaptureSite<Session>>,
): Capture {
  async function look({ session }: CaptureSite<Session>, spec: CaptureSpec, signal: AbortSignal) {
    const table = await kit.table(session, spec, signal);
    return lookAt(kit, session, table, spec.key, now(), signal);
  }

  /** Runs what `choose` makes of the objects as they are. */
  async function change(
    spec: CaptureSpec,
    choose: (design: CaptureDesign, states: ReadonlyMap<string, string>) => CaptureStep[],
    signal: AbortSignal,
  ): Promise<readonly CaptureStep[]> {
    if (readOnly) throw unfit(kit, spec.table, { zh: '连接器为 readOnly', en: 'the connector is readOnly' });
    await using site = await open(spec, 'write', signal);
    const { design, states } = await look(site, spec, signal);
    const steps = choose(design, new Map(states.map(({ name, state }) => [name, state])));
    await site.run(
      steps.map(({ sql }) => sql),
      signal,
    );
    return steps;
  }

  return {
    async plan(spec, signal) {
      await using site = await open(spec, 'read', signal);
      const { design } = await look(site, spec, signal);
      const { table, notes, terminator, objects } = design;
      const changeTable = { ...design.changeTable, purge: !readOnly };
      const remove = [...objects].reverse().map(dropStep);
      return { table, install: createSteps(design, objects), remove, changeTable, notes, terminator };
    },
    install: (spec, signal) =>
      change(
        spec,
        (design, states) => {
          const isThere = ({ name }: CaptureObject) => states.get(name) !== 'missing';
          const isBroken = (object: CaptureObject) => isThere(object) && states.get(object.name) !== 'ok';
          // what needs a broken one keeps it from being dropped
          const base = design.objects.findIndex((each) => each.kind !== 'trigger' && isBroken(each));
          const amiss = design.objects.filter(
            ({ name }, at) => states.get(name) !== 'ok' || (base >= 0 && at > base),
          );
          if (amiss.length === 0) return [];
          return [...amiss.filter(isThere).reverse().map(dropStep), ...createSteps(design, amiss)];
        },
        signal,
      ),
    remove: (spec, signal) =>
      change(
        spec,
        ({ objects }, states) =>
          objects
            .filter(({ name }) => states.get(name) !== 'missing')
            .reverse()
            .map(dropStep),
        signal,
      ),
    async inspect(spec, signal) {
      await using site = await open(spec, 'read', signal);
      return (await look(site, spec, signal)).states;
    },
  };
}

/**
 * Proves before each read that what fills a change table of ours is whole. False for one of others. Throws CAPTURE_BROKEN (config),
 * which pauses the stream: what the objects should have recorded is lost.
 */
export async function requireLiveCapture<
  Session,
  Table extends CapturedTable<Column>,
  Column extends { name: string },
>(
  kit: CaptureKit<Session, Table, Column>,
  session: Session,
  reading: {
    readonly table: Table;
    readonly spec: { readonly changeTable?: { readonly table: string } };
    readonly context: { now(): Date };
  },
  signal: AbortSignal,
): Promise<boolean> {
  const { table, spec, context } = reading;
  if (spec.changeTable?.table !== kit.logName(table)) return false;
  const { states } = await lookAt(kit, session, table, undefined, context.now(), signal);
  const amiss = states.filter(({ state }) => state !== 'ok');
  if (amiss.length === 0) return true;
  const objects = amiss.map(({ kind, name, state }) => `${kind} ${name}: ${state}`).join(', ');
  const command = `qianzhi connector capture install NAME --table ${table.name}`;
  const remedy = { zh: `执行 ${command} 补齐`, en: `mend it with \`${command}\`` };
  throw kit.errors.CAPTURE_BROKEN({ table: table.name, objects, remedy });
}

async function lookAt<Session, Table extends CapturedTable<Column>, Column extends { name: string }>(
  kit: CaptureKit<Session, Table, Column>,
  session: Session,
  table: Table,
  asked: readonly string[] | undefined,
  now: Date,
  signal: AbortSignal,
): Promise<{ readonly design: CaptureDesign; readonly states: readonly CaptureObjectState[] }> {
  if (!kit.kinds.includes(table.kind)) throw unfit(kit, table.name, { zh: '它不是表', en: 'it is no table' });
  const log = await kit.beside(session, table, kit.logName(table), signal);
  const key = capturedKey(kit, table, log, asked);
  const design = kit.design(table, key, now);
  const code = await kit.code(session, table, signal);
  const columns = (list: readonly Column[]) =>
    list
      .filter(({ name }) => !isOwnColumn(name))
      .map((column) => `${column.name} ${kit.typeOf(column)}`)
      .sort()
      .join('\n');
  const states = design.objects.map((object) => {
    if (object.kind === 'table')
      return judged(object, log && { text: columns(log.columns), enabled: true }, columns(key));
    const found = code.find(({ name }) => name === object.name);
    return judged(object, found, design.texts.get(object.name) ?? '');
  });
  return { design, states };
}

/** Names of ours in a change table; keys do not begin so. */
function isOwnColumn(name: string): boolean {
  return /^qz_/i.test(name);
}

/** Columns that a change table records, in the table's order: those asked for, else those it has already, else the primary key. */
function capturedKey<Session, Table extends CapturedTable<Column>, Column extends { name: string }>(
  kit: CaptureKit<Session, Table, Column>,
  table: Table,
  log: Table | undefined,
  asked: readonly string[] = [],
): Column[] {
  const isThere = (wanted: string) => table.columns.some(({ name }) => name === wanted);
  const missing = asked.find((name) => !isThere(name));
  if (missing !== undefined) {
    const problem = {
      zh: `没有 --key 所说的列“${missing}”`,
      en: `there is no column "${missing}", which --key names`,
    };
    throw unfit(kit, table.name, problem);
  }
  const recorded = log?.columns.map(({ name }) => name).filter((name) => !isOwnColumn(name)) ?? [];
  // one that was renamed or dropped since is recorded no more
  const kept = recorded.length > 0 && recorded.every(isThere) ? recorded : table.primaryKey;
  const wanted = asked.length > 0 ? asked : kept;
  if (wanted.length === 0) {
    const problem = {
      zh: '没有主键;以 --key 给出主键信息项的列',
      en: 'no primary key; name the columns of the key items with --key',
    };
    throw unfit(kit, table.name, problem);
  }
  return table.columns.filter(({ name }) => wanted.includes(name));
}

function unfit({ errors }: { readonly errors: CaptureErrors }, table: string, problem: LocalText) {
  return errors.CAPTURE_UNFIT({ table, problem });
}

/** Compared as text: `found` is undefined where there is none. White space at the ends does not count. */
function judged(
  { kind, name }: CaptureObject,
  found: Omit<FoundCode, 'name'> | undefined,
  expected: string,
): CaptureObjectState {
  if (!found) return { kind, name, state: 'missing' };
  if (!found.enabled) return { kind, name, state: 'disabled' };
  return { kind, name, state: found.text.trim() === expected.trim() ? 'ok' : 'changed' };
}

/**
 * The change table is marked before a trigger is made, for whoever is killed on the way leaves no capture that seems whole and
 * unmarked; and once more behind the last one, for a reader that met the first mark may copy before that one is there.
 */
function createSteps(design: CaptureDesign, objects: readonly CaptureObject[]): CaptureStep[] {
  const make = (wanted: (object: CaptureObject) => boolean) =>
    objects.filter(wanted).flatMap(({ zh, en, create }) => create.map((sql) => ({ zh, en, sql })));
  const mark = markStep(design);
  return [...make(({ kind }) => kind === 'table'), mark, ...make(({ kind }) => kind !== 'table'), mark];
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
