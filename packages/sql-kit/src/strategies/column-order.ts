/** A value of an order column as its connector prints it; null is NULL. */
export type KeyPart = string | null;
export type Key = readonly KeyPart[];

export interface OrderTerm<Column> {
  readonly column: Column;
  /** Quoted, named with its table: a bare name may mean the select list's own column first. */
  readonly name: string;
  readonly nullable: boolean;
}

/** Columns that put rows in one settled order, so that a read can go on after any row. */
export interface ColumnOrder<Column> {
  readonly terms: readonly OrderTerm<Column>[];
  /** No two rows are equal in all terms. False for views, parents and tables without a key, where nothing guarantees it. */
  readonly total: boolean;
  /** An index has this order: a chunk costs no sort of the whole table. */
  readonly indexed: boolean;
}

/** What is known of a table's columns and indexes, in a connector's own terms. */
export interface OrderedTable<Column> {
  find(name: string): Column | undefined;
  hasOrder(column: Column): boolean;
  term(column: Column): OrderTerm<Column>;
  /** Columns of indexes that hold all rows; null is an expression, or the beginning of a column. */
  readonly indexes: readonly (readonly (string | null)[])[];
  /** Those of them that no two rows share, the primary key first. */
  readonly unique: readonly (readonly (string | null)[])[];
}

/**
 * The order in which a table is read: its primary key, else a unique index over required columns, else the key items' columns.
 * Undefined where there is none of these: such a table is read in one piece. Text is ordered by the column's own collation, which its
 * index has too.
 */
export function columnOrder<Column extends { readonly name: string; readonly required: boolean }>(
  { find, hasOrder, term, indexes, unique }: OrderedTable<Column>,
  keyColumns: readonly (string | undefined)[],
): ColumnOrder<Column> | undefined {
  const columnsOf = (names: readonly (string | null | undefined)[]): Column[] | undefined => {
    const columns = names.map((name) => (name == null ? undefined : find(name)));
    const fit = (column: Column | undefined): column is Column => column !== undefined && hasOrder(column);
    return columns.every(fit) ? columns : undefined;
  };
  for (const names of unique) {
    const columns = columnsOf(names);
    if (columns?.every(({ required }) => required))
      return { terms: columns.map(term), total: true, indexed: true };
  }
  const columns = columnsOf(keyColumns);
  if (!columns || columns.length === 0) return undefined;
  const indexed = indexes.some((names) =>
    columns.every(({ name }, at) => names[at] != null && find(names[at])?.name === name),
  );
  return { terms: columns.map(term), total: false, indexed };
}

export function orderBy(terms: readonly Pick<OrderTerm<unknown>, 'name'>[]): string {
  return `ORDER BY ${terms.map(({ name }) => name).join(', ')}`;
}
