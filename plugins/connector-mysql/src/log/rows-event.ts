import { inflateSync } from 'node:zlib';
import type { TableColumn } from '../connection/table.js';
import { BrokenBytes, type Bytes, bitAt, bytesOf } from './bytes.js';
import { type LoggedColumn, readColumns, readValue, type } from './column-types.js';
import { type KeyLiteral, loggedTypesOf } from './key-values.js';

/** Values of the key columns as SQL. */
export type KeyText = readonly string[];

/** The table as it was when the source was opened. */
export interface FollowedTable {
  readonly database: string;
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly key: readonly { readonly column: TableColumn; readonly literal: KeyLiteral }[];
}

/** How rows of one table map lie. */
export interface Layout {
  readonly columns: readonly LoggedColumn[];
  /** Places of the key columns among them. */
  readonly key: readonly { readonly at: number; readonly literal: KeyLiteral }[];
}

export interface TableMap {
  readonly id: number;
  /** `other`: of another table. `altered`: the table was made otherwise then than it is now. */
  readonly layout: Layout | 'other' | 'altered';
}

const COLUMN_NAMES = 4;
const oldTimes: readonly number[] = [type.DATETIME, type.TIMESTAMP, type.TIME];

/** https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Table__map__event.html */
export function readTableMap(event: Bytes, table: FollowedTable): TableMap {
  const id = event.unsigned(6);
  event.skip(2);
  const text = (): string => {
    const found = event.take(event.unsigned(1)).toString();
    event.skip(1);
    return found;
  };
  const database = text();
  const name = text();
  if (database !== table.database || name !== table.name) return { id, layout: 'other' };
  const types = event.take(event.packed());
  const columns = readColumns(types, bytesOf(event.take(event.packed())));
  event.skip((columns.length + 7) >> 3);
  return { id, layout: layoutOf(columns, columnNames(event), table) ?? 'altered' };
}

/** Only where the server was told to give them (binlog_row_metadata = FULL). */
function columnNames(event: Bytes): readonly string[] | undefined {
  while (event.left > 0) {
    const field = event.unsigned(1);
    const value = bytesOf(event.take(event.packed()));
    if (field !== COLUMN_NAMES) continue;
    const names: string[] = [];
    while (value.left > 0) names.push(value.take(value.packed()).toString());
    return names;
  }
  return undefined;
}

/** Columns that nobody sees may come behind those that are known. */
function layoutOf(
  columns: readonly LoggedColumn[],
  names: readonly string[] | undefined,
  table: FollowedTable,
): Layout | undefined {
  if (columns.length < table.columns.length) return undefined;
  // times with a fraction in MariaDB's own old form have no length that the log would tell
  if (table.columns.some(({ fraction }, at) => fraction > 0 && oldTimes.includes(columns[at]!.type)))
    return undefined;
  const key = table.key.map(({ column, literal }) => ({
    at: names ? names.indexOf(column.name) : table.columns.indexOf(column),
    literal,
    types: loggedTypesOf(column) ?? [],
  }));
  const fits = key.every(({ at, types }) => types.includes(columns[at]?.type ?? -1));
  return fits ? { columns, key } : undefined;
}

/** Which kind of rows event a type of event is. */
export interface RowsForm {
  readonly change: 'write' | 'update' | 'delete';
  readonly version: 1 | 2;
  readonly compressed?: boolean;
  /** Rows as they are now may hold pieces of documents. */
  readonly partial?: boolean;
}

/** Key of each row before and after; undefined where the event does not tell it. `layoutFor` answers undefined for other tables. */
export function readRowKeys(
  event: Bytes,
  form: RowsForm,
  layoutFor: (id: number) => Layout | undefined,
): readonly (KeyText | undefined)[] {
  const layout = layoutFor(event.unsigned(6));
  if (!layout) return [];
  event.skip(2);
  if (form.version === 2) event.skip(event.unsigned(2) - 2);
  const { columns } = layout;
  if (event.packed() !== columns.length) throw new BrokenBytes('columns that the table map does not have');
  const image = () => imageOf(layout, event.take((columns.length + 7) >> 3));
  const first = image();
  const second = form.change === 'update' ? image() : undefined;
  const rows = form.compressed ? bytesOf(inflated(event)) : event;
  // rows of defaults alone, and nobody knows how many
  if (first.length === 0) return [undefined];
  const keys: (KeyText | undefined)[] = [];
  while (rows.left > 0) {
    const before = readKey(rows, layout, first);
    if (!second) {
      keys.push(textOf(before));
      continue;
    }
    const partial = form.partial === true && (rows.packed() & 1) === 1;
    if (partial) rows.skip((columns.filter((column) => column.type === type.JSON).length + 7) >> 3);
    const after = readKey(rows, layout, second).map((part, at) => part ?? before[at]);
    keys.push(textOf(before));
    if (after.some((part, at) => part !== before[at])) keys.push(textOf(after));
  }
  return keys;
}

/** What an image of a row holds: each column, and which part of the key it is, -1 for none. */
type Image = readonly { readonly column: LoggedColumn; readonly part: number }[];

function imageOf({ columns, key }: Layout, there: Buffer): Image {
  return columns.flatMap((column, at) =>
    bitAt(there, at) ? [{ column, part: key.findIndex((part) => part.at === at) }] : [],
  );
}

function textOf(parts: readonly (string | undefined)[]): KeyText | undefined {
  const key = parts.filter((part) => part !== undefined);
  return key.length === parts.length ? key : undefined;
}

/** The key's values in one image of a row; undefined for what is not in it, or NULL. */
function readKey(rows: Bytes, { key }: Layout, image: Image): (string | undefined)[] {
  const nulls = rows.take((image.length + 7) >> 3);
  const found: (string | undefined)[] = key.map(() => undefined);
  image.forEach(({ column, part }, at) => {
    if (bitAt(nulls, at)) return;
    const value = readValue(rows, column);
    if (part >= 0) found[part] = key[part]!.literal(value, column);
  });
  return found;
}

/** No event of a server is larger. */
const LARGEST = 1024 * 1024 * 1024;

/** What MariaDB compressed: a head with the number of bytes of the length, the length, zlib. */
export function inflated(event: Bytes): Buffer {
  const head = event.unsigned(1);
  const bytes = head & 7;
  if ((head & 0xf0) !== 0x80 || bytes < 1 || bytes > 4)
    throw new BrokenBytes('a compression that nobody knows');
  const length = event.take(bytes).readUIntBE(0, bytes);
  if (length > LARGEST) throw new BrokenBytes(`${length} bytes compressed`);
  const found = inflate(event.rest(), length);
  if (found.length !== length) throw new BrokenBytes(`${found.length} bytes instead of ${length}`);
  return found;
}

function inflate(bytes: Buffer, length: number): Buffer {
  try {
    return inflateSync(bytes, { maxOutputLength: Math.max(1, length) });
  } catch (error) {
    throw new BrokenBytes('compressed bytes', { cause: error });
  }
}
