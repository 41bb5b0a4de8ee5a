import { type DemoDatabase, quoted, type TextRow } from './database/demo-database.js';

/** How one resource lies in the two databases: catalog column → column of each table. */
export interface ComparedTable {
  readonly source: {
    readonly database: DemoDatabase;
    readonly table: string;
    readonly columns: Readonly<Record<string, string>>;
  };
  readonly target: { readonly database: DemoDatabase; readonly table: string };
  readonly key: string;
  /** Whether the catalog lets this row through, judged without the program under test's own counters. */
  readonly valid: (row: TextRow) => boolean;
}

export interface Compared {
  readonly sourceRows: number;
  readonly invalidRows: number;
  readonly flaggedRows: number;
  /** Rows of source and target equal in every compared column. */
  readonly equalRows: number;
  /** Keys in words of counts only: nothing of a value leaves here. */
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
}

const privateUse = /[\uE000-\uF8FF\uFFFD\u{F0000}-\u{10FFFD}]/u;

/**
 * Goes through both tables side by side in the order of their key and compares every value of the given columns as text,
 * NULL apart from ''. Memory stays flat at any table size.
 */
export async function compareTables(
  { source, target, key, valid }: ComparedTable,
  columns: readonly string[],
): Promise<Compared> {
  const read = cursor(source.database, source.table, source.columns, source.columns[key]!);
  const there = new Set(await target.database.columnsOf(target.table));
  const arrived = Object.fromEntries(columns.filter((name) => there.has(name)).map((name) => [name, name]));
  const held = cursor(target.database, target.table, arrived, key);
  const count = {
    sourceRows: 0,
    invalidRows: 0,
    flaggedRows: 0,
    equalRows: 0,
    missing: 0,
    extra: 0,
    different: 0,
  };
  try {
    let row = await read.next();
    let other = await held.next();
    while (row || other) {
      const order = byKey(row, other, key);
      if (order > 0) count.extra += 1;
      else {
        count.sourceRows += 1;
        const match = order === 0 ? other : undefined;
        if (!valid(row!)) {
          count.invalidRows += 1;
          if (match) count.extra += 1;
        } else {
          if (Object.values(row!).some((value) => value !== null && privateUse.test(value)))
            count.flaggedRows += 1;
          if (!match) count.missing += 1;
          else if (columns.every((column) => row![column] === match[column])) count.equalRows += 1;
          else count.different += 1;
        }
      }
      if (order <= 0) row = await read.next();
      if (order >= 0) other = await held.next();
    }
    return count;
  } finally {
    await Promise.all([read.close(), held.close()]);
  }
}

/** By the key's UTF-8 bytes, as both databases are told to order; a table at its end comes last. */
function byKey(a: TextRow | undefined, b: TextRow | undefined, key: string): number {
  if (!a || !b) return a ? -1 : 1;
  const [one, other] = [a[key] ?? '', b[key] ?? ''];
  return one === other ? 0 : Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function cursor(
  database: DemoDatabase,
  table: string,
  columns: Readonly<Record<string, string>>,
  order: string,
) {
  const read = Object.entries(columns).map(
    ([name, column]) => `CAST(${quoted(column)} AS TEXT) AS ${quoted(name)}`,
  );
  const sql = `SELECT ${read.join(', ')} FROM ${quoted(table)} ORDER BY ${quoted(table)}.${quoted(order)} ${database.byBytes}`;
  const blocks = database.rows(sql)[Symbol.asyncIterator]();
  let block: readonly TextRow[] = [];
  let at = 0;
  return {
    async next(): Promise<TextRow | undefined> {
      if (at === block.length) {
        const more = await blocks.next();
        if (more.done) return undefined;
        block = more.value;
        at = 0;
      }
      return block[at++];
    },
    close: async () => void (await blocks.return?.()),
  };
}
