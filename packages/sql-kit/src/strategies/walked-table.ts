import type { CatalogItem } from '@qianzhi/model';
import type { PluginContext, SourceNotice, SourceShape } from '@qianzhi/plugin-api';
import type { sourceErrors } from '../errors/source-errors.js';

/** What strategies have to know of an opened source, whatever its database. */
export interface WalkedTable {
  readonly strategy: string;
  /** Code of the resource that is supplied. */
  readonly resource: string;
  readonly table: { readonly name: string; readonly primaryKey: readonly string[] };
  readonly projection: {
    readonly items: readonly {
      readonly item: CatalogItem;
      /** Undefined for a constant. */
      readonly column: unknown;
    }[];
    /** Positions of the key items. */
    readonly keyFields: readonly number[];
  };
  /** Under the connector's own codes. */
  readonly errors: Pick<
    typeof sourceErrors,
    'CAPTURE_SILENT' | 'CHECKPOINT_UNKNOWN' | 'COLUMN_MISSING' | 'STRATEGY_UNFIT'
  >;
  readonly context: PluginContext;
  readonly notices: Map<string, SourceNotice>;
}

/** Alarms `rows` of one sort, or takes the alarm back where there are none any more. */
export function note(
  { notices }: Pick<WalkedTable, 'notices'>,
  code: string,
  rows: number,
  details: Record<string, string | number>,
): void {
  if (rows > 0) notices.set(code, { code, rows, details });
  else notices.delete(code);
}

/** The spec's own condition, to be put behind another one. */
export function condition({ spec }: { readonly spec: { readonly where?: string } }): string {
  // the line break ends a comment inside the condition
  return spec.where === undefined ? '' : ` AND (${spec.where}\n)`;
}

export function shapeOf({
  projection,
  table,
}: Pick<WalkedTable, 'table'> & {
  readonly projection: {
    readonly items: readonly {
      readonly item: CatalogItem;
      readonly column: { readonly nativeType: string } | undefined;
    }[];
  };
}): SourceShape {
  const columns = projection.items.flatMap(({ item, column }) =>
    column ? [{ item: item.column, type: column.nativeType }] : [],
  );
  return { columns, key: table.primaryKey };
}

/** The error of a table that a strategy cannot read, for its reason in both languages. */
export function unfitFor({
  errors,
  strategy,
  table,
}: Pick<WalkedTable, 'errors' | 'strategy'> & { readonly table: { readonly name: string } }) {
  return (zh: string, en: string) =>
    errors.STRATEGY_UNFIT({ strategy, table: table.name, problem: { zh, en } });
}
