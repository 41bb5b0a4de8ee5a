import type { ItemType } from '@qianzhi/model';
import type { ColumnDescription, TableDescription } from '@qianzhi/plugin-api';

/**
 * What a column's values are, whatever its database calls them. `wall`: date and time without a zone; `instant`: with one;
 * `guid`: 16 bytes printed as a UUID; `other`: readable as text at most.
 */
export type SqlFamily =
  | 'text'
  | 'char'
  | 'integer'
  | 'decimal'
  | 'double'
  | 'single'
  | 'boolean'
  | 'binary'
  | 'date'
  | 'wall'
  | 'instant'
  | 'guid'
  | 'other';

export interface SqlColumn {
  readonly name: string;
  /** The database's name of the type, with length, precision and scale. */
  readonly nativeType: string;
  /** The same without them, in lower case. */
  readonly baseType: string;
  readonly family: SqlFamily;
  /** Characters of text or bytes of binary; null: unbounded, or counted in another unit. */
  readonly length: number | null;
  readonly precision: number | null;
  readonly scale: number | null;
  /** Digits of a second that the column keeps. */
  readonly fraction: number;
  readonly required: boolean;
  readonly hasDefault: boolean;
  /** The database computes it: it can be read, never written. */
  readonly generated: boolean;
  /** May hold more than a row of ours: each value is measured before it is fetched. */
  readonly large: boolean;
  /** Of text, where it is not the same for the whole database. */
  readonly collation: string | null;
  readonly comment: string | null;
}

export interface SqlIndex {
  readonly columns: readonly string[];
  readonly unique: boolean;
}

export interface SqlTable {
  readonly schema: string;
  readonly name: string;
  readonly kind: 'table' | 'view';
  readonly columns: readonly SqlColumn[];
  /** In key order; empty without one. */
  readonly primaryKey: readonly string[];
  /** Enabled, over whole columns and all rows; the primary key's is among them. */
  readonly indexes: readonly SqlIndex[];
  /** The database's own estimate. */
  readonly rows: number | null;
  readonly comment: string | null;
}

/** Exactly so named, else the only one of that name without regard to case. */
export function columnNamed(table: SqlTable, name: string): SqlColumn | undefined {
  const exact = table.columns.find((column) => column.name === name);
  if (exact) return exact;
  const alike = table.columns.filter((column) => column.name.toLowerCase() === name.toLowerCase());
  return alike.length === 1 ? alike[0] : undefined;
}

const suits: Readonly<Record<ItemType, readonly SqlFamily[]>> = {
  C: ['text', 'char', 'guid', 'integer', 'decimal', 'date', 'wall', 'boolean', 'other'],
  M: ['text', 'char', 'guid', 'integer', 'decimal', 'date', 'wall', 'boolean', 'other'],
  I: ['integer', 'decimal', 'double', 'boolean', 'text', 'char'],
  N: ['decimal', 'integer', 'double', 'single', 'text', 'char'],
  Y: ['decimal', 'integer', 'double', 'text', 'char'],
  B: ['double', 'single', 'decimal', 'integer', 'text', 'char'],
  F: ['single', 'double', 'decimal', 'integer', 'text', 'char'],
  D: ['date', 'wall', 'text', 'char'],
  T: ['wall', 'instant', 'date', 'text', 'char'],
  L: ['boolean', 'integer', 'decimal', 'text', 'char'],
  G: ['binary'],
};

/** Whether a column can hold values of the item's type. */
export function suitsItem(type: ItemType, { family }: Pick<SqlColumn, 'family'>): boolean {
  return suits[type].includes(family);
}

const catalogTypes: Readonly<Record<SqlFamily, ItemType | null>> = {
  text: 'C',
  char: 'C',
  integer: 'I',
  decimal: 'N',
  double: 'B',
  single: 'F',
  boolean: 'L',
  binary: 'G',
  date: 'D',
  wall: 'T',
  instant: 'T',
  guid: 'C',
  other: null,
};

/** A table as `discover` reports it. */
export function describeTable(table: SqlTable): TableDescription {
  const { schema, name, kind, rows, comment, columns, primaryKey } = table;
  return { schema, table: name, kind, rows, comment, columns: columns.map(describeColumn), primaryKey };
}

function describeColumn(column: SqlColumn): ColumnDescription {
  const { name, nativeType, family, length, precision, scale, required, large, comment } = column;
  const long = family === 'text' && large;
  const money = family === 'decimal' && /money/.test(column.baseType);
  const whole = family === 'decimal' && scale === 0 && precision !== null && precision <= 18;
  const type = long ? 'M' : money ? 'Y' : whole ? 'I' : catalogTypes[family];
  const decimal = type === 'N' || type === 'Y';
  return {
    name,
    nativeType,
    type,
    length: type === 'C' || type === 'G' ? length : null,
    precision: decimal ? precision : null,
    scale: decimal ? scale : null,
    nullable: !required,
    comment,
  };
}
