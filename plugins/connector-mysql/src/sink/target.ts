import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import { type ConstantValue, chained, codeRule, type ValueRule } from '@qianzhi/sql-kit';
import type { MysqlTarget } from '../config.js';
import { columnOf, requireTable, type Table, type TableColumn } from '../connection/table.js';
import { mysqlErrors } from '../errors.js';
import { literal, qualified, quoted } from '../identifier.js';
import { familyOf } from '../native-type.js';
import { type ColumnFit, fitColumn } from './fit-column.js';
import type { Work } from './writing.js';

/** A target table fitted to one schema version of a resource. */
export interface Target {
  readonly table: Table;
  /** Database and name, quoted. */
  readonly name: string;
  /** In item order, then those that get a constant. */
  readonly columns: readonly TargetColumn[];
  readonly keys: readonly TargetColumn[];
  /** Positions of the key items. */
  readonly keyFields: readonly number[];
  /** By item; undefined where nothing is ever to be done. */
  readonly rules: readonly (ValueRule | undefined)[] | undefined;
  /** Rules for blocks that may hold what is rare, see `ColumnFit`. */
  readonly rareRules: readonly (ValueRule | undefined)[] | undefined;
  /** Item columns by target column, for naming the item of a refusal. */
  readonly itemOf: ReadonlyMap<string, string>;
  /** Nothing of the table is outside the items but what the server computes: it may be replaced as a whole. */
  readonly covered: boolean;
}

export interface TargetColumn {
  readonly column: TableColumn;
  /** Quoted. */
  readonly name: string;
  /** SQL of its value, where its item's text has the name `text`. */
  value(text: string): string;
}

/**
 * Fits the resource to the table as it is now. Throws TABLE_MISSING, TARGET_IS_VIEW, TARGET_UNFIT, COLUMN_MISSING, TYPE_UNFIT,
 * TARGET_KEY, TARGET_COLUMN_REQUIRED or ITEM_UNKNOWN (config), each naming what does not fit.
 */
export async function fitTarget(
  work: Work,
  database: string,
  spec: MysqlTarget,
  resource: CatalogResource,
  zone: string,
): Promise<Target> {
  const table = await requireTable(work.session, database, spec.table, work.signal);
  requireWritable(table);
  requireItems(spec, resource);
  const fitted = resource.items.map((item) => fitItem(table, item, spec, zone));
  const constants = Object.entries(spec.constants ?? {}).map(([name, value]) =>
    fitConstant(table, name, value),
  );
  const columns = [...fitted, ...constants].map(({ target }) => target);
  const filled = new Set(columns.map(({ column }) => column.name));
  const open = table.columns.filter(({ name, generated }) => !filled.has(name) && !generated);
  const required = open.find((column) => column.required && !column.hasDefault);
  if (required) {
    throw mysqlErrors.TARGET_COLUMN_REQUIRED({ table: table.name, column: required.name });
  }
  const keyFields = resource.items.flatMap((item, at) => (item.key ? [at] : []));
  const keys = keyFields.map((at) => columns[at]!);
  requireKey(table, keys);
  return {
    table,
    name: qualified(table.database, table.name),
    columns,
    keys,
    keyFields,
    ...rulesOf(fitted.map(({ fit }) => fit)),
    itemOf: new Map(fitted.map(({ target }, at) => [target.column.name, resource.items[at]!.column])),
    covered: open.length === 0,
  };
}

function rulesOf(fits: readonly ColumnFit[]): Pick<Target, 'rules' | 'rareRules'> {
  const usual = fits.map(({ rule, rare }) => (rare ? undefined : rule));
  const rare = fits.some((fit) => fit.rare && fit.rule);
  return {
    rules: usual.some(Boolean) ? usual : undefined,
    rareRules: rare ? fits.map(({ rule }) => rule) : undefined,
  };
}

function requireWritable(table: Table): void {
  if (table.kind !== 'table') throw mysqlErrors.TARGET_IS_VIEW({ table: table.name });
  // TiDB and OceanBase call their engine InnoDB, too
  if (table.engine !== null && !/^(innodb|oceanbase|tikv)$/i.test(table.engine)) {
    const problem = {
      zh: `存储引擎是 ${table.engine},没有事务(由数据库管理员执行 ALTER TABLE … ENGINE=InnoDB)`,
      en: `its engine is ${table.engine}, without transactions (have ALTER TABLE … ENGINE=InnoDB run)`,
    };
    throw mysqlErrors.TARGET_UNFIT({ table: table.name, problem });
  }
}

function requireItems(spec: MysqlTarget, resource: CatalogResource): void {
  for (const name of [...Object.keys(spec.columns ?? {}), ...Object.keys(spec.codes ?? {})]) {
    if (!resource.items.some((item) => item.column === name)) {
      throw mysqlErrors.ITEM_UNKNOWN({ item: name, resource: resource.code });
    }
  }
}

function fitItem(table: Table, item: CatalogItem, spec: MysqlTarget, zone: string) {
  const name = spec.columns?.[item.column] ?? item.column;
  const column = columnOf(table, name);
  if (!column || column.generated) {
    throw mysqlErrors.COLUMN_MISSING({ table: table.name, column: name, item: item.column });
  }
  const codes = spec.codes?.[item.column];
  // translated values are the target's own
  const own = codes && fitColumn({ ...item, type: 'C', fixedLength: false }, column, 'UTC');
  const found = codes
    ? own && { ...own, rule: chained(codeRule(codes), own.rule) }
    : fitColumn(item, column, zone);
  if (!found) {
    throw mysqlErrors.TYPE_UNFIT({
      table: table.name,
      column: column.name,
      nativeType: column.nativeType,
      item: item.column,
      type: item.type,
    });
  }
  const fit: ColumnFit = found;
  const value = fit.sql ?? ((text: string) => text);
  return { target: { column, name: quoted(column.name), value }, fit };
}

function fitConstant(table: Table, name: string, value: ConstantValue) {
  const column = columnOf(table, name);
  if (!column || column.generated) {
    throw mysqlErrors.COLUMN_MISSING({ table: table.name, column: name, item: 'constants' });
  }
  const sql = constantSql(value, column);
  return { target: { column, name: quoted(column.name), value: () => sql } };
}

function constantSql(value: ConstantValue, column: TableColumn): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return literal(value);
  const text = typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
  return familyOf(column) === 'text' || familyOf(column) === 'char' ? literal(text) : text;
}

/** A merge by key needs a unique index on exactly the key columns, whole. */
function requireKey(table: Table, keys: readonly TargetColumn[]): void {
  if (keys.length === 0) return;
  const names = keys.map(({ column }) => column.name);
  const wanted = [...names].sort().join('\0');
  if (table.indexes.some(({ unique, columns }) => unique && [...columns].sort().join('\0') === wanted))
    return;
  throw mysqlErrors.TARGET_KEY({ table: table.name, columns: names.join(', ') });
}
