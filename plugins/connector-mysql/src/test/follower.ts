import type { Source } from '@qianzhi/plugin-api';
import { type Read, readAll, signal } from './site.js';

/** Reads from checkpoint to checkpoint and confirms each, as scheduled runs do; `rows` is what a target would hold. */
export function follower(source: Source) {
  let checkpoint: string | undefined;
  const rows = new Map<string, string | null>();
  const take = (read: Read) => {
    read.rows.forEach(([id, name], at) => {
      if (read.ops[at] === 'D') rows.delete(id!);
      else rows.set(id!, name!);
    });
  };
  return {
    rows,
    async next(limits?: { blockBytes: number; maxRows?: number }) {
      const read = await readAll(source, checkpoint, limits);
      if (read.ops.includes('S')) rows.clear();
      take(read);
      checkpoint = read.checkpoints.at(-1) ?? checkpoint;
      if (checkpoint) await source.confirm(checkpoint, signal);
      return read.rows.map((row, at) => `${read.ops[at]}${row[0]}`).sort();
    },
  };
}
