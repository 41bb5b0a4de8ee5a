import type { CatalogItem, CatalogResource } from '@qianzhi/model';

export interface ExchangeColumn {
  readonly name: string;
  /** Type with NULL and default. */
  readonly type: string;
  /** For those who read the table's structure, in Chinese, as a catalog's names are. */
  readonly comment: string;
}

/** What a connector brings to make the tables of a 前置库. */
export interface ExchangeDbDialect {
  readonly nameBytes: number;
  quoted(name: string): string;
  /** With the schema that new tables are made in. */
  qualified(name: string): string;
  /** An index's name in CREATE INDEX. */
  indexName(name: string): string;
  literal(text: string): string;
  /** Type of a column that keeps an item's values exactly. `key`: it is to be part of an index. */
  typeOf(item: CatalogItem, key: boolean): string;
  /** `bigserial PRIMARY KEY`: a whole number that grows from row to row. */
  readonly serial: string;
  /** Of a time with its default, the moment of the row. */
  readonly time: string;
  /** Of a text of at most so many characters. */
  text(length: number): string;
  readonly status: string;
  columnLine(column: ExchangeColumn): string;
  /** Behind the columns of CREATE TABLE. */
  tableEnd(comment: string): string;
  /** Statements that comment a table, where they are statements of their own. */
  comments(
    table: string,
    comment: string,
    columns: readonly ExchangeColumn[],
    name: string,
  ): readonly string[];
  /** A digest of the key as SQL of these columns; `NULL` where the database computes none. */
  keyHash(columns: readonly string[]): string;
  /** The statements that `create: true` of a target would make the table by. */
  stateTable(name: string, resource: CatalogResource): readonly string[];
  /** What a table takes from a login that adds rows to it (`write`), reads it and marks rows (`pick-up`) or only reads it. */
  grants(table: string, use: 'write' | 'pick-up' | 'read'): readonly string[];
  /**
   * Triggers on table `state` that add a row for each one that was inserted, updated or deleted: by a statement over `OLD` and `NEW`,
   * or out of its parts.
   */
  triggers(
    name: string,
    state: string,
    rows: Readonly<Record<'INSERT' | 'UPDATE' | 'DELETE', string>>,
    logged: Readonly<Record<'INSERT' | 'UPDATE' | 'DELETE', LoggedChange>>,
  ): readonly string[];
}

/** The row of the in-table for a change. */
export interface LoggedChange {
  /** `INSERT INTO table (columns)` */
  readonly into: string;
  /** What goes into them, out of a row that SQL knows by this name. */
  values(row: string): string;
}

/** Columns of the exchange come first; then the items, those of the key required. */
export function exchangeColumns(
  dialect: ExchangeDbDialect,
  { department, items }: CatalogResource,
  side: 'out' | 'in',
): readonly ExchangeColumn[] {
  const { serial, time, text, status, literal, typeOf } = dialect;
  const out = side === 'out';
  return [
    { name: 'qz_serial', type: serial, comment: '序号:自动生成,按此次序取用' },
    { name: 'qz_op', type: `${text(1)} NOT NULL`, comment: '操作:I 新增,U 修改,D 删除' },
    { name: 'qz_time', type: time, comment: out ? '来源时间:变化发生的时间' : '到达时间' },
    ...(out ? [{ name: 'qz_batch', type: text(64), comment: '批次号:业务系统自定,可空' }] : []),
    { name: 'qz_key_hash', type: text(64), comment: out ? '主键摘要:可空' : '主键摘要:MD5;库无此函数时为空' },
    {
      name: 'qz_unit',
      type: `${text(100)} DEFAULT ${literal(department)} NOT NULL`,
      comment: '来源单位:部门代码',
    },
    {
      name: 'qz_status',
      type: `${status} DEFAULT 0 NOT NULL`,
      comment: out ? '取用状态:留给 flag 策略;change-table 策略不改' : '取用状态:0 未取,1 已取',
    },
    ...items.map((item) => ({
      name: item.column,
      type: `${typeOf(item, item.key === true)}${item.key ? ' NOT NULL' : ''}`,
      comment: item.name,
    })),
  ];
}
