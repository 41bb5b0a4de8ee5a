import { createHash } from 'node:crypto';
import { type CatalogResource, keyItems, type LocalText } from '@qianzhi/model';
import type { ExchangeTables, ExchangeTablesSpec } from '@qianzhi/plugin-api';
import {
  type ExchangeColumn,
  type ExchangeDbDialect,
  exchangeColumns,
  type LoggedChange,
} from './dialect.js';

type Statement = ExchangeTables['statements'][number];

const SUFFIX_BYTES = 8;

/** Readable where the code is a name in SQL and short enough, else with a digest that keeps two codes apart. */
function nameOf({ code }: CatalogResource, side: string, nameBytes: number): string {
  const plain = code.replace(/[.-]/g, '_');
  const name = `qz_${side}_${plain}`;
  const most = nameBytes - SUFFIX_BYTES;
  if (plain === code && name.length <= most) return name;
  const digest = createHash('sha256').update(code).digest('hex').slice(0, 8);
  return `${name.slice(0, most - 9)}_${digest}`;
}

/**
 * Tables of a 前置库 for a resource with key items, as statements to be read before they are run.
 *
 * Out: a table of changes, which is only ever added to, and a view of the newest row of every key, so that strategy change-table finds
 * the changes in the one and whole rows in the other. In: a table of the current state, which the sink merges into, and a table of
 * changes behind it that triggers fill: every row that was delivered, once, with its op, in the order of its serial.
 */
export function exchangeTables(dialect: ExchangeDbDialect, spec: ExchangeTablesSpec): ExchangeTables {
  return spec.side === 'out' ? outTables(dialect, spec) : inTables(dialect, spec);
}

function outTables(dialect: ExchangeDbDialect, { resource }: ExchangeTablesSpec): ExchangeTables {
  const { quoted, qualified, nameBytes } = dialect;
  const name = nameOf(resource, 'out', nameBytes);
  const view = `${name}_now`;
  const keys = keyItems(resource).map(({ column }) => quoted(column));
  const same = keys.map((key) => `n.${key} = o.${key}`).join(' AND ');
  const list = resource.items.map(({ column }) => `o.${quoted(column)}`).join(', ');
  const [serial, op] = [quoted('qz_serial'), quoted('qz_op')];
  const columns = exchangeColumns(dialect, resource, 'out');
  return {
    tables: [name, view],
    statements: [
      ...tableOf(dialect, resource, name, columns, {
        zh: `供出表:业务系统每有一次变化写入一行(qz_op 为 I、U 或 D),只增不改;删除只须写主键`,
        en: 'out-table: systems of the department add a row for each change (qz_op I, U or D) and alter none; a D needs the key alone',
      }),
      {
        about: { zh: '按主键找最新一行', en: 'finds the newest row of a key' },
        sql: `CREATE INDEX ${dialect.indexName(`${name}_k`)} ON ${qualified(name)} (${[...keys, serial].join(', ')})`,
      },
      {
        about: {
          zh: '当前数据:每个主键最新的一行,已删除的除外;前置机由此取整行',
          en: 'current data: the newest row of each key unless it is deleted; the agent takes whole rows from it',
        },
        sql: `CREATE VIEW ${qualified(view)} AS SELECT ${list} FROM ${qualified(name)} o WHERE o.${op} <> 'D' AND NOT EXISTS (SELECT 1 FROM ${qualified(name)} n WHERE ${same} AND n.${serial} > o.${serial})`,
      },
    ],
    grants: dialect.grants(name, 'write'),
    place: { table: view, changeTable: { table: name, serial: 'qz_serial', op: 'qz_op' } },
  };
}

function inTables(dialect: ExchangeDbDialect, { resource }: ExchangeTablesSpec): ExchangeTables {
  const { quoted, qualified, nameBytes } = dialect;
  const name = nameOf(resource, 'in', nameBytes);
  const now = `${name}_now`;
  const columns = exchangeColumns(dialect, resource, 'in');
  const items = resource.items.map(({ column }) => quoted(column));
  const keys = keyItems(resource).map(({ column }) => quoted(column));
  const into = `INSERT INTO ${qualified(name)} (${[quoted('qz_op'), quoted('qz_key_hash'), ...items].join(', ')})`;
  const change = (op: 'I' | 'U' | 'D'): LoggedChange => ({
    into,
    values: (row) =>
      [
        `'${op}'`,
        dialect.keyHash(keys.map((key) => `${row}.${key}`)),
        ...items.map((item) => `${row}.${item}`),
      ].join(', '),
  });
  const logged = { INSERT: change('I'), UPDATE: change('U'), DELETE: change('D') };
  const perRow = ({ values }: LoggedChange, row: string) => `${into} VALUES (${values(row)})`;
  const rows = {
    INSERT: perRow(logged.INSERT, 'NEW'),
    UPDATE: perRow(logged.UPDATE, 'NEW'),
    DELETE: perRow(logged.DELETE, 'OLD'),
  };
  const [create, ...comments] = dialect.stateTable(now, resource);
  const about = {
    zh: '当前数据:前置机在此合并,业务系统也可直接查询',
    en: 'current data: the agent merges here; systems of the department may query it',
  };
  return {
    tables: [name, now],
    statements: [
      { about, sql: create! },
      ...comments.map((sql) => ({ about: commentOn, sql })),
      ...tableOf(dialect, resource, name, columns, {
        zh: '取入表:每到一行变化增加一行;业务系统按 qz_serial 的次序读取 qz_status 为 0 的行,读后改为 1',
        en: 'in-table: a row for each change that arrived; systems of the department read rows with qz_status 0 in the order of qz_serial and set it to 1',
      }),
      ...dialect.triggers(name, now, rows, logged).map((sql) => ({
        about: {
          zh: '当前数据的变化由触发器记入取入表,与合并在同一事务',
          en: 'a trigger adds changes of the current data to the in-table, in the transaction of the merge',
        },
        sql,
      })),
    ],
    grants: [...dialect.grants(name, 'pick-up'), ...dialect.grants(now, 'read')],
    place: { table: now },
  };
}

const commentOn: LocalText = { zh: '注释', en: 'a comment' };

function tableOf(
  dialect: ExchangeDbDialect,
  resource: CatalogResource,
  name: string,
  columns: readonly ExchangeColumn[],
  about: LocalText,
): Statement[] {
  const table = dialect.qualified(name);
  const title = `${resource.name} (${resource.code})`;
  const lines = [
    ...columns.map((column) => dialect.columnLine(column)),
    `CHECK (${dialect.quoted('qz_op')} IN ('I', 'U', 'D'))`,
  ];
  const sql = `CREATE TABLE ${table} (\n  ${lines.join(',\n  ')}\n)${dialect.tableEnd(title)}`;
  const comments = dialect.comments(table, title, columns, name).map((comment) => ({
    about: commentOn,
    sql: comment,
  }));
  return [{ about, sql }, ...comments];
}
