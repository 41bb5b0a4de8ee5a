import { createHash } from 'node:crypto';
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
    // one buffer for all: fresh ones would pile up faster than they are collected
    let buffer = Buffer.allocUnsafeSlow(2 * CUT_BYTES);
    let held = 0;
    for (let ended = false; !ended || held > 0; ) {
      if (held === buffer.length) buffer = Buffer.concat([buffer], 2 * buffer.length);
      const { bytesRead } = await source.read(buffer, held, buffer.length - held);
      ended = bytesRead === 0;
      held += bytesRead;
      const cut = cutAt(buffer.subarray(0, held), ended);
      if (cut === 0) continue;
      const file = `${name}-${String(files.length + 1).padStart(6, '0')}.rows`;
      const part = buffer.subarray(0, cut);
      await writeDurably(join(folder, file), part);
      const bytesDigest = `sha-256:${createHash('sha256').update(part).digest('base64url')}`;
      files.push({ name: file, rows: countRows(part), bytes: cut, bytesDigest });
      buffer.copyWithin(0, cut, held);
      held -= cut;
    }
  } finally {
    await source.close();
  }
  await syncFolder(folder);
  await rm(name);
  return files;
}

/** Where the next file ends; 0 when more must be read first. */
function cutAt(held: Buffer, ended: boolean): number {
  if (held.length > CUT_BYTES) {
    const end = held.lastIndexOf(LF, CUT_BYTES - 1) + 1 || held.indexOf(LF, CUT_BYTES) + 1;
    if (end > 0) return end;
  }
  return ended ? held.length : 0;
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
