import { unfitFor, type WalkedTable } from './walked-table.js';

/** What the settings of a change table say, whatever the database. */
export interface ChangeSettings {
  readonly serial: string;
  readonly op: string;
  readonly key?: Readonly<Record<string, string>>;
  readonly ops?: { readonly delete: readonly string[]; readonly truncate: readonly string[] };
  readonly purge: boolean;
}

const defaultOps = { delete: ['D', 'DELETE'], truncate: ['T', 'TRUNCATE'] };

/** The settings, where the table can be read by them at all. Throws STRATEGY_UNFIT (config). */
export function changeSettingsOf<Settings extends ChangeSettings>(
  table: WalkedTable & { readonly spec: { readonly changeTable?: Settings } },
  readOnly: boolean,
): Settings {
  const { spec, projection } = table;
  const unfit = unfitFor(table);
  const settings = spec.changeTable;
  if (!settings) throw unfit('没有给出 source.changeTable', 'source.changeTable is not given');
  if (!projection.items.some(({ item, column }) => item.key && column))
    throw unfit('资源没有取自表列的主键项', 'no key item comes from a column');
  if (settings.purge && readOnly)
    throw unfit(
      'purge 需要写权限,但连接器为 readOnly',
      'purge needs write access, but the connector is readOnly',
    );
  return settings;
}

/** Columns of a change table, checked, and what its ops mean. */
export interface ChangeColumns<Column> {
  readonly serial: Column;
  readonly op: Column;
  /** The column that has a key item's value. Throws COLUMN_MISSING (config). */
  keyOf(item: string): Column;
  /** In capitals: after these there is no row; truncations are among them. */
  readonly goneOps: readonly string[];
  readonly truncateOps: ReadonlySet<string>;
  /** Condition that after this op, which is SQL of a text in capitals, a row may be there. An op that is NULL says nothing. */
  leavesRow(op: string, literal: (text: string) => string): string;
}

/** Throws COLUMN_MISSING or STRATEGY_UNFIT (config). `isSerial`: an integer that no two changes share. */
export function changeColumnsOf<Column extends { readonly name: string }>(
  reading: WalkedTable & { readonly projection: { columnOfItem(item: string): string | undefined } },
  settings: ChangeSettings,
  changeTable: string,
  find: (name: string) => Column | undefined,
  isSerial: (column: Column) => boolean,
): ChangeColumns<Column> {
  const { errors, projection } = reading;
  const requireColumn = (name: string, item: string): Column => {
    const column = find(name);
    if (!column) throw errors.COLUMN_MISSING({ table: changeTable, column: name, item });
    return column;
  };
  const serial = requireColumn(settings.serial, 'serial');
  if (!isSerial(serial))
    throw unfitFor(reading)(
      `${changeTable} 的列 ${serial.name} 不是整数主键或唯一列`,
      `column ${serial.name} of ${changeTable} is no integer that is primary key or unique`,
    );
  const { delete: deletes, truncate } = settings.ops ?? defaultOps;
  const upper = (names: readonly string[]) => names.map((name) => name.toUpperCase());
  const goneOps = upper([...deletes, ...truncate]);
  return {
    serial,
    op: requireColumn(settings.op, 'op'),
    keyOf: (item) => requireColumn(settings.key?.[item] ?? projection.columnOfItem(item) ?? item, item),
    goneOps,
    truncateOps: new Set(upper(truncate)),
    leavesRow: (sql, literal) =>
      goneOps.length === 0
        ? '1 = 1'
        : `(${sql} IS NULL OR ${sql} NOT IN (${goneOps.map(literal).join(', ')}))`,
  };
}
