import { type FileHandle, open } from 'node:fs/promises';
import { rowLimits } from '@qianzhi/rows';
import { errnoOf } from '../folder/classify.js';
import { readAt } from './dbf-header.js';

const DBT_BLOCK = 512;
const DBT_END = 0x1a;
const FPT_HEADER = 8;
const FPT_TEXT = 1;

/** The file of long texts beside a DBF. */
export interface MemoFile {
  /** Bytes of the text at a block; undefined if it is longer than a row may be, or not there. */
  read(block: number): Promise<Buffer | undefined>;
  close(): Promise<void>;
}

/** Opens `x.fpt` (FoxPro) or `x.dbt` (dBase III) beside `x.dbf`; undefined where there is none. */
export async function openMemo(path: string): Promise<MemoFile | undefined> {
  const stem = path.replace(/\.[^./]*$/, '');
  for (const ending of ['.fpt', '.FPT', '.dbt', '.DBT']) {
    const file = await openIfThere(stem + ending);
    if (file) return ending.toLowerCase() === '.fpt' ? foxPro(file) : dBase(file);
  }
  return undefined;
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Blocks with a header: kind and length, both big-endian. */
async function foxPro(file: FileHandle): Promise<MemoFile> {
  const blockBytes = (await readAt(file, 0, 8)).readUInt16BE(6) || DBT_BLOCK;
  return {
    async read(block) {
      const head = await readAt(file, block * blockBytes, FPT_HEADER);
      if (head.length < FPT_HEADER || head.readUInt32BE(0) !== FPT_TEXT) return undefined;
      const length = head.readUInt32BE(4);
      if (length > rowLimits.rowBytes) return undefined;
      const text = await readAt(file, block * blockBytes + FPT_HEADER, length);
      return text.length === length ? text : undefined;
    },
    close: () => file.close(),
  };
}

/** Text up to the end mark, through as many blocks as it takes. */
function dBase(file: FileHandle): MemoFile {
  return {
    async read(block) {
      const parts: Buffer[] = [];
      for (
        let at = block * DBT_BLOCK, length = 0;
        length <= rowLimits.rowBytes;
        at += DBT_BLOCK, length += DBT_BLOCK
      ) {
        const part = await readAt(file, at, DBT_BLOCK);
        const end = part.indexOf(DBT_END);
        if (end >= 0) return Buffer.concat([...parts, part.subarray(0, end)]);
        if (part.length < DBT_BLOCK) return undefined;
        parts.push(part);
      }
      return undefined;
    },
    close: () => file.close(),
  };
}
