import { tmpdir } from 'node:os';
import type { CatalogItem } from '@qianzhi/model';
import type { Connection, PluginContext } from '@qianzhi/plugin-api';
import type { RowTexts } from '@qianzhi/testing';

/** A column as its database names it, and the item it holds. */
export interface Column {
  readonly name: string;
  readonly item: CatalogItem;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
}

/** A database or folder, played by its own client; only `connect` goes through the connector. */
export interface PairSite extends AsyncDisposable {
  /** As after a restart of the agent. */
  connect(): Promise<Connection>;
  /** Whether a column made for the item keeps the value. */
  holds(item: CatalogItem, text: string): boolean;
  /** Under what a key of text is kept: two texts of the same one cannot both be keys. The text itself unless told. */
  keyOf?(text: string): string;
  /** Makes the table in the database's own types, fills it, and answers the exchange's `source`. */
  fill?(table: Table, rows: readonly RowTexts[]): Promise<object>;
  /** Where the connector writes. */
  readonly target?: {
    /** The exchange's `target`: the connector makes the table. */
    spec(table: Table): object;
    /** Every row, as canonical texts of the items. */
    read(table: Table): Promise<readonly RowTexts[]>;
  };
}

const silent = () => undefined;
export const context: PluginContext = {
  log: { debug: silent, info: silent, warn: silent, error: silent },
  now: () => new Date(),
  tempDir: tmpdir(),
  timeZone: 'Asia/Shanghai',
};

export const never: AbortSignal = new AbortController().signal;

/** `columns` of a source or target: where each item's column is called otherwise than the item. */
export function mappingOf({ columns }: Table): object {
  return { columns: Object.fromEntries(columns.map(({ name, item }) => [item.column, name])) };
}
