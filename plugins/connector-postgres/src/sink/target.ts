import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import { type ConstantValue, chained, codeRule, constantFields, type ValueRule } from '@qianzhi/sql-kit';
import type { PostgresTarget } from '../config.js';
import type { Session } from '../connection/session.js';
import { columnOf, requireTable, type Table, type TableColumn } from '../connection/table.js';
import { postgresErrors } from '../errors.js';
import { qualified, quoted } from '../identifier.js';
import { familyOf } from '../native-type.js';
import { type ColumnFit, fitColumn } from './fit-column.js';

/** A target table fitted to one schema version of a resource. */
export interface Target {
  readonly table: Table;
  /** Schema and name, quoted. */
  readonly name: string;
  /** In item order, then those that get a constant. */
  readonly columns: readonly TargetColumn[];
  readonly keys: readonly TargetColumn[];
  /** Positions of the key items. */
  readonly keyFields: readonly number[];
  /** By item; undefined where nothing is ever to be done. */
  readonly rules: readonly (ValueRule | undefined)[] | undefined;
  /** Rules for blocks that may hold times of more than six digits of a second. */
  readonly rareRules: readonly (ValueRule | undefined)[] | undefined;
  /** Constants as row text. */
  readonly constants: Uint8Array;
  /** Item columns by target column, for naming the item of a refusal. */
  readonly itemOf: ReadonlyMap<string, string>;
  /** Nothing of the table is outside the items but what PostgreSQL computes: it may be replaced as a whole. */
  readonly covered: boolean;
  /** GENERATED ALWAYS AS IDENTITY among the columns: its values come from the items all the same. */
  readonly overriding: boolean;
}

export interface TargetColumn {
  readonly column: TableColumn;
  /** Quoted. */
  readonly name: string;
}

/**
 * Fits the resource to the table as it is now. Throws TABLE_MISSING, TARGET_IS_VIEW, TARGET_UNFIT, COLUMN_MISSING, TYPE_UNFIT,
 * TARGET_KEY, TARGET_COLUMN_REQUIRED or ITEM_UNKNOWN (config), each naming what does not fit.
 */
export async function fitTarget(
  session: Session,
  schema: string,
  spec: PostgresTarget,
  resource: CatalogResource,
  zone: string,
  signal: AbortSignal,
): Promise<Target> {
  const table = await requireTable(session, schema, spec.table, signal);
  requireWritable(table);
  requireItems(spec, resource);
  const fitted = resource.items.map((item) => fitItem(table, item, spec, zone));
  const constants = Object.entries(spec.constants ?? {}).map(([name, value]) =>
    fitConstant(table, name, value),
  );
  const columns = [...fitted, ...constants].map(({ column }) => ({ column, name: quoted(column.name) }));
  const filled = new Set(columns.map(({ column }) => column.name));
  const open = table.columns.filter(({ name, generated }) => !filled.has(name) && generated !== 'computed');
  const required = open.find((column) => column.required && !column.hasDefault);
  if (required) {
    throw postgresErrors.TARGET_COLUMN_REQUIRED({ table: table.name, column: required.name });
  }
  const keyFields = resource.items.flatMap((item, at) => (item.key ? [at] : []));
  const keys = keyFields.map((at) => columns[at]!);
  await requireKey(session, table, keys, signal);
  return {
    table,
    name: qualified(table.schema, table.name),
    columns,
    keys,
    keyFields,
    ...rulesOf(fitted.map(({ fit }) => fit)),
    constants: constantFields(constants.map(({ text }) => text)),
    itemOf: new Map(fitted.map(({ column }, at) => [column.name, resource.items[at]!.column])),
    covered: open.length === 0,
    overriding: columns.some(({ column }) => column.generated === 'identity'),
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
  if (table.kind !== 'table' && table.kind !== 'partitioned') {
    throw postgresErrors.TARGET_IS_VIEW({ table: table.name });
  }
  if (table.hasChildren) {
    throw postgresErrors.TARGET_UNFIT({
      table: table.name,
      problem: { zh: '有其他表继承它', en: 'other tables inherit from it' },
    });
  }
}

function requireItems(spec: PostgresTarget, resource: CatalogResource): void {
  for (const name of [...Object.keys(spec.columns ?? {}), ...Object.keys(spec.codes ?? {})]) {
    if (!resource.items.some((item) => item.column === name)) {
      throw postgresErrors.ITEM_UNKNOWN({ item: name, resource: resource.code });
    }
  }
}

function fitItem(table: Table, item: CatalogItem, spec: PostgresTarget, zone: string) {
  const name = spec.columns?.[item.column] ?? item.column;
  const column = columnOf(table, name);
  if (!column || column.generated === 'computed' || (column.generated === 'identity' && !item.key)) {
    throw postgresErrors.COLUMN_MISSING({ table: table.name, column: name, item: item.column });
  }
  const codes = spec.codes?.[item.column];
  const fit = fitColumn(item, column, zone);
  // translated values are the target's own: PostgreSQL judges them
  if (codes) return { column, fit: { rule: chained(codeRule(codes), ownValueRule(column)) } };
  if (!fit) {
    throw postgresErrors.TYPE_UNFIT({
      table: table.name,
      column: column.name,
      nativeType: column.nativeType,
      item: item.column,
      type: item.type,
    });
  }
  return { column, fit };
}

/** A target's own code that the column would cut or round is as wrong as any other value. */
function ownValueRule(column: TableColumn): ValueRule | undefined {
  const item = { name: '', column: '', type: 'C' } as const;
  const family = familyOf(column);
  return family === 'text' || family === 'char' ? fitColumn(item, column, 'UTC')?.rule : undefined;
}

function fitConstant(table: Table, name: string, value: ConstantValue) {
  const column = columnOf(table, name);
  if (column?.generated !== 'no') {
    throw postgresErrors.COLUMN_MISSING({ table: table.name, column: name, item: 'constants' });
  }
  return { column, text: value === null ? null : constantText(value, column) };
}

function constantText(value: Exclude<ConstantValue, null>, column: TableColumn): string {
  if (typeof value !== 'boolean' || familyOf(column) === 'boolean') return String(value);
  return value ? '1' : '0';
}

/** A merge by key needs a unique index on exactly the key columns that compares bytes: citext would take A for a. */
async function requireKey(
  session: Session,
  table: Table,
  keys: readonly TargetColumn[],
  signal: AbortSignal,
): Promise<void> {
  if (keys.length === 0) return;
  const names = keys.map(({ column }) => column.name);
  const wanted = [...names].sort().join('\0');
  const found = table.indexes.some(
    (index) =>
      index.unique &&
      index.valid &&
      index.immediate &&
      !index.partial &&
      [...index.columns].sort().join('\0') === wanted,
  );
  const loose =
    keys.some(({ column }) => column.baseType === 'citext') ||
    (session.version >= 120_000 && (await hasLooseCollation(session, table.oid, names, signal)));
  if (!found || loose) {
    throw postgresErrors.TARGET_KEY({ table: table.name, columns: names.join(', ') });
  }
}

async function hasLooseCollation(
  session: Session,
  oid: string,
  columns: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  const { rows } = await session.query(
    `SELECT 1 FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_collation c ON c.oid = a.attcollation
     WHERE a.attrelid = $1 AND a.attname = ANY ($2::name[]) AND NOT c.collisdeterministic`,
    [oid, columns],
    signal,
  );
  return rows.length > 0;
}
