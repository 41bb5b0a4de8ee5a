import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import {
  BLOCK_ROWS,
  type DemoDatabase,
  type DemoSide,
  quoted,
  type SideRole,
  type TextRow,
} from './demo-database.js';

/** SQLite files in the demo's folder, `<name>.sqlite` each; the folder goes as a whole. */
export function sqliteSide(folder: string, role: SideRole): DemoSide {
  const access = role === 'source' ? { readOnly: true } : { create: true };
  return {
    database: (name) =>
      sqliteDatabase(join(folder, `${name}.sqlite`), { type: 'sqlite', path: `./${name}.sqlite`, ...access }),
    async remove() {},
  };
}

function sqliteDatabase(file: string, connector: DemoDatabase['connector']): DemoDatabase {
  function using<T>(work: (database: Database.Database) => T, options?: Database.Options): T {
    const database = new Database(file, options);
    try {
      return work(database);
    } finally {
      database.close();
    }
  }

  return {
    connector,
    byBytes: 'COLLATE BINARY',
    copyFrom: (from) => copyFile(from, file),
    async makeTable({ name, columns }, rows) {
      const names = Object.keys(columns);
      using((database) => {
        const defined = names.map(
          (column, index) => `${quoted(column)} TEXT${index === 0 ? ' PRIMARY KEY' : ''}`,
        );
        database.exec(`CREATE TABLE ${quoted(name)} (${defined.join(', ')})`);
        const insert = database.prepare(
          `INSERT INTO ${quoted(name)} VALUES (${names.map(() => '?').join(', ')})`,
        );
        database.transaction(() => {
          for (const row of rows) insert.run(...row);
        })();
      });
    },
    run: async (sql) => using((database) => database.prepare(sql).run().changes),
    columnsOf: async (table) =>
      using(
        (database) =>
          (database.pragma(`table_info(${quoted(table)})`) as { name: string }[]).map(({ name }) => name),
        { readonly: true },
      ),
    async *rows(sql) {
      const database = new Database(file, { readonly: true });
      try {
        let block: TextRow[] = [];
        for (const row of database.prepare(sql).iterate() as IterableIterator<TextRow>) {
          block.push(row);
          if (block.length < BLOCK_ROWS) continue;
          yield block;
          block = [];
        }
        if (block.length > 0) yield block;
      } finally {
        database.close();
      }
    },
  };
}
