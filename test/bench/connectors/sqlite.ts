import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import sqlite from '@qianzhi/connector-sqlite';
import type { Connector } from '@qianzhi/plugin-api';
import Database from 'better-sqlite3';
import { enterpriseResource } from '../chain/enterprise.js';
import type { Changes, Freight } from './freight.js';
import { runTool } from './native-tool.js';
import type { Course } from './race.js';
import { openThrough } from './through-connector.js';

export async function openSqlite(freight: Freight, folder: string): Promise<Course> {
  const paths = {
    source: join(folder, 'source.sqlite'),
    target: join(folder, 'target.sqlite'),
    held: join(folder, 'held.sqlite'),
    merged: join(folder, 'merged.sqlite'),
  };
  const resource = enterpriseResource('enterprise');
  const connect = (path: string) => openThrough(sqlite.role as Connector, { path, create: true }, resource);
  const shell = (path: string, ...commands: string[]) =>
    runTool('sqlite3', ['-bail', path], { input: `${['.mode tabs', ...commands].join('\n')}\n` });
  const target = { table: 'enterprise', create: true };

  const source = await connect(paths.source);
  await source.writeSnapshot(target, freight.parts);
  const held = await connect(paths.held);
  const writeDelta = await held.openDeltas(target, freight.parts);
  await copyFile(paths.held, paths.merged);
  const declared = new Database(paths.source, { readonly: true });
  const tableSql = declared.prepare(`SELECT sql FROM sqlite_schema WHERE name = 'enterprise'`).pluck();
  const createTable = `${tableSql.get()};`;
  declared.close();

  let changes: Changes = await freight.change();
  const rows = freight.rows;
  const type = 'sqlite';
  return {
    races: [
      {
        type,
        direction: 'read',
        peer: 'sqlite3 .dump',
        rows,
        ours: () => source.read({ table: 'enterprise' }, rows),
        theirs: () => shell(paths.source, '.dump enterprise'),
      },
      {
        type,
        direction: 'write',
        peer: 'sqlite3 .import',
        rows,
        async prepare() {
          for (const end of ['', '-wal', '-shm']) await rm(`${paths.target}${end}`, { force: true });
          const made = new Database(paths.target);
          made.pragma('journal_mode = WAL');
          made.exec(createTable);
          made.close();
        },
        async ours() {
          await using opened = await connect(paths.target);
          await opened.writeSnapshot(target, freight.parts);
        },
        theirs: () => shell(paths.target, `.import ${freight.file} enterprise`),
      },
      {
        type,
        direction: 'merge',
        peer: 'sqlite3 .import, then INSERT OR REPLACE',
        rows: changes.rows,
        async prepare() {
          changes = await freight.change();
        },
        ours: () => writeDelta(changes.load),
        theirs: () =>
          shell(
            paths.merged,
            'CREATE TEMP TABLE coming AS SELECT * FROM enterprise LIMIT 0;',
            `.import ${changes.file} coming`,
            'INSERT OR REPLACE INTO enterprise SELECT * FROM coming;',
          ),
      },
    ],
    async [Symbol.asyncDispose]() {
      await source[Symbol.asyncDispose]();
      await held[Symbol.asyncDispose]();
    },
  };
}
