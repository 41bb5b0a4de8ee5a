import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { DemoDatabase } from './database/demo-database.js';
import { withheldItem } from './resources.js';

export const tampers = ['row', 'batch', 'receipt', 'item', 'grant'] as const;
export type Tamper = (typeof tampers)[number];

/** Flips one byte in the middle of the largest stored batch, as bit rot or a hand would. */
export async function flipStoredByte(dataDir: string): Promise<void> {
  const [largest] = await filesBySize(join(dataDir, 'batches'));
  const file = await open(largest!.path, 'r+');
  try {
    const byte = Buffer.alloc(1);
    const at = Math.floor(largest!.size / 2);
    await file.read(byte, 0, 1, at);
    byte[0]! ^= 0x01;
    await file.write(byte, 0, 1, at);
  } finally {
    await file.close();
  }
}

async function filesBySize(folder: string): Promise<{ path: string; size: number }[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sized = await Promise.all(files.map(async (path) => ({ path, size: (await stat(path)).size })));
  return sized.sort((a, b) => b.size - a.size);
}

/** One value in the consumer's table is not what was delivered. */
export async function changeRow(received: DemoDatabase): Promise<void> {
  await received.run(
    `UPDATE xzqh_street SET name = name || '。' WHERE code = (SELECT max(code) FROM xzqh_street)`,
  );
}

/** A value nobody granted appears in the consumer's table. */
export async function slipInItem(received: DemoDatabase): Promise<void> {
  await received.run(`ALTER TABLE social_group ADD COLUMN ${withheldItem} TEXT`);
  await received.run(
    `UPDATE social_group SET ${withheldItem} = '13800138000' WHERE social_group_cert_no = (SELECT max(social_group_cert_no) FROM social_group)`,
  );
}

/** Changes one signed document where the platform keeps it: the newest receipt, or the newest grant. */
export function changeDocument(dataDir: string, which: 'receipt' | 'grant'): void {
  const database = new Database(join(dataDir, 'platform.sqlite'));
  try {
    const { table, column, from, to } = documents[which];
    const row = database
      .prepare(`SELECT rowid AS id, ${column} AS document FROM ${table} ORDER BY rowid DESC LIMIT 1`)
      .get() as { id: number; document: string };
    database
      .prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`)
      .run(row.document.replace(from, to), row.id);
  } finally {
    database.close();
  }
}

/** A counted row more; an item nobody approved. */
const documents = {
  receipt: { table: 'receipts', column: 'document', from: /"rows":(\d+)/, to: '"rows":1$1' },
  grant: { table: 'grants', column: 'document', from: /"items":\[/, to: `"items":["${withheldItem}",` },
} as const;
