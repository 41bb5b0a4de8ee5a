import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CutFile } from './protocol.js';
import { syncFolder } from './publish.js';

const CUT_BYTES = 4 * 1024 * 1024;
const LF = 10;

/**
 * Cuts one large file of rows into `<folder>/<name>-<number>.rows`, at the last row end within 4 MiB (one larger row
 * makes a file of its own), each fsynced and the folder too. Removes the large file.
 */
export async function cutFile(name: string, folder: string): Promise<CutFile[]> {
  const files: CutFile[] = [];
  const source = await open(name, 'r');
  try {
    let held = Buffer.alloc(0);
    for (;;) {
      const piece = Buffer.allocUnsafe(CUT_BYTES);
      const { bytesRead } = await source.read(piece, 0, piece.length);
      held = Buffer.concat([held, piece.subarray(0, bytesRead)]);
      while (held.length > 0) {
        const end = bytesRead === 0 ? held.length : cutAt(held);
        if (end === 0) break;
        const file = `${name}-${String(files.length + 1).padStart(6, '0')}.rows`;
        const part = held.subarray(0, Math.min(end, held.length));
        await writeDurably(join(folder, file), part);
        files.push({ name: file, rows: countRows(part), bytes: part.length });
        held = held.subarray(part.length);
      }
      if (bytesRead === 0) break;
    }
  } finally {
    await source.close();
  }
  await syncFolder(folder);
  await rm(name);
  return files;
}

/** Where the next file ends; 0 when more must be read first. */
function cutAt(held: Buffer): number {
  if (held.length < CUT_BYTES) return 0;
  return held.lastIndexOf(LF, CUT_BYTES - 1) + 1 || held.indexOf(LF, CUT_BYTES) + 1;
}

function countRows(part: Buffer): number {
  let rows = 0;
  for (let at = part.indexOf(LF); at >= 0; at = part.indexOf(LF, at + 1)) rows++;
  return rows;
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
