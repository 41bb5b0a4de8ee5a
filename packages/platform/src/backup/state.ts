import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { throwIfCancelled } from '@qianzhi/model';
import type { Knex } from 'knex';
import { type BackupFile, writeBackupFile } from './manifest.js';
import { type StateTable, tablesAfter } from './tables.js';

/** Rows of one read and of one insert. */
const AT_ONCE = 200;

type Row = Readonly<Record<string, unknown>>;

/** Where a backup holds a table. */
export const fileOf = (table: string) => `state/${table}.jsonl`;

/** Every kept table as a file of JSON lines in the order of its key, the same from whichever database. */
export async function writeState(
  trx: Knex.Transaction,
  folder: string,
  steps: readonly string[],
  signal: AbortSignal,
): Promise<BackupFile[]> {
  const files: BackupFile[] = [];
  for (const table of tablesAfter(steps)) {
    files.push(await writeBackupFile(folder, fileOf(table.name), linesOf(trx, table, signal)));
  }
  return files;
}

async function* linesOf(trx: Knex.Transaction, table: StateTable, signal: AbortSignal) {
  let after: Row | undefined;
  for (;;) {
    throwIfCancelled(signal, 'backup');
    const rows: readonly Row[] = await nextRows(trx, table, after);
    if (rows.length === 0) return;
    yield Buffer.from(rows.map((row) => `${JSON.stringify(plain(row, table))}\n`).join(''));
    after = rows.at(-1);
  }
}

function nextRows(trx: Knex.Transaction, { name, key }: StateTable, after: Row | undefined) {
  const rows = trx(name)
    .orderBy([...key])
    .limit(AT_ONCE);
  if (!after) return rows;
  const columns = key.map(() => '??').join(', ');
  const values = key.map(() => '?').join(', ');
  const position = key.map((column) => after[column] as Knex.Value);
  return rows.whereRaw(`(${columns}) > (${values})`, [...key, ...position]);
}

function plain(row: Row, { flags = [] }: StateTable): Row {
  return flags.length === 0
    ? row
    : { ...row, ...Object.fromEntries(flags.map((flag) => [flag, Boolean(row[flag])])) };
}

/** The inverse, into tables as migrations make them; what those put in themselves gives way. */
export async function loadState(
  trx: Knex.Transaction,
  folder: string,
  steps: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const tables = tablesAfter(steps);
  for (const table of [...tables].reverse()) await trx(table.name).delete();
  for (const table of tables) {
    const lines = createInterface({ input: createReadStream(join(folder, fileOf(table.name)), { signal }) });
    let rows: Row[] = [];
    const insert = async () => {
      throwIfCancelled(signal, 'restore');
      if (rows.length > 0) await trx(table.name).insert(rows);
      rows = [];
    };
    for await (const line of lines) {
      rows.push(JSON.parse(line));
      if (rows.length === AT_ONCE) await insert();
    }
    await insert();
    if (table.serial) await goOnAfter(trx, table);
  }
}

/** SQLite counts on from the highest row by itself; a sequence has to be told. */
async function goOnAfter(trx: Knex.Transaction, { name, key: [column] }: StateTable): Promise<void> {
  if (trx.client.config.client !== 'pg') return;
  const highest = await trx(name).max({ last: column }).first();
  if (highest?.last == null) return;
  await trx.raw('select setval(pg_get_serial_sequence(?, ?), ?)', [name, column!, highest.last]);
}
