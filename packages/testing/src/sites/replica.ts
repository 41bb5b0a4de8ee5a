import type { RowsBlock, Source } from '@qianzhi/plugin-api';
import { decodeRows } from '@qianzhi/rows';
import { noAbort } from '../connector/row-lines.js';
import { type Read, readAll } from './read-all.js';

/** Numbers below a limit, the same for the same seed. */
export type Pick = (limit: number) => number;

/** mulberry32 */
export function seededPick(seed: number): Pick {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** Of tests under random writers: 1, 2 and 3, or those of QZ_STORM_SEEDS=FIRST-LAST. */
export function stormSeeds(): number[] {
  const given = process.env.QZ_STORM_SEEDS;
  if (!given) return [1, 2, 3];
  const [first, last] = given.split('-').map(Number);
  if (!Number.isInteger(first) || !(last! >= first!))
    throw new Error(`QZ_STORM_SEEDS=${given}: not FIRST-LAST`);
  return Array.from({ length: last! - first! + 1 }, (_, n) => first! + n);
}

/** A target of rows of a key and a value, as its sink would leave it. */
export interface Replica {
  readonly rows: ReadonlyMap<string, string | null>;
  /** Parts of a snapshot that is not complete. */
  readonly shadow: ReadonlyMap<string, string | null>;
  readonly checkpoint: string | undefined;
}

export const emptyReplica: Replica = { rows: new Map(), shadow: new Map(), checkpoint: undefined };

/** With a block applied. */
export function replicaWith({ rows, shadow }: Replica, block: RowsBlock): Replica {
  const next = new Map(rows);
  const staged = new Map(block.restart ? [] : shadow);
  for (const { op, fields } of decodeRows(block.bytes)) {
    const [key, value] = fields as [string, string | null];
    if (op === 'S') staged.set(key, value);
    else if (op === 'U') next.set(key, value);
    else next.delete(key);
  }
  const { checkpoint } = block;
  return block.lastOfSnapshot
    ? { rows: staged, shadow: new Map(), checkpoint }
    : { rows: next, shadow: staged, checkpoint };
}

/** Reads once, to the end. */
export async function replicate(source: Source, from: Replica): Promise<Replica> {
  let target = from;
  for await (const block of source.read(from.checkpoint, { blockBytes: 300 }, noAbort))
    if (block.kind === 'rows') target = replicaWith(target, block);
  return target;
}

/** Reads once; some of the reads end anywhere, as by a crash, and lose what had no receipt. */
export async function replicateOrCrash(source: Source, from: Replica, pick: Pick): Promise<Replica> {
  let target = from;
  let receipted = from;
  const crashAfter = pick(3) === 0 ? pick(4) : Number.POSITIVE_INFINITY;
  let blocks = 0;
  for await (const block of source.read(from.checkpoint, { blockBytes: 300 }, noAbort)) {
    if (block.kind !== 'rows') continue;
    target = replicaWith(target, block);
    if (pick(3) === 0) {
      receipted = target;
      await source.confirm(target.checkpoint!, noAbort);
    }
    if (++blocks > crashAfter) return receipted;
  }
  return target;
}

/** Reads from checkpoint to checkpoint and confirms each, as scheduled runs do; `rows` is what a target would hold. */
export function follower(source: Source) {
  let checkpoint: string | undefined;
  const rows = new Map<string, string | null>();
  const take = (read: Read) => {
    read.rows.forEach(([key, value], at) => {
      if (read.ops[at] === 'D') rows.delete(key!);
      else rows.set(key!, value!);
    });
  };
  return {
    rows,
    async next(limits?: { blockBytes: number; maxRows?: number }) {
      const read = await readAll(source, checkpoint, limits);
      if (read.ops.includes('S')) rows.clear();
      take(read);
      checkpoint = read.checkpoints.at(-1) ?? checkpoint;
      if (checkpoint) await source.confirm(checkpoint, noAbort);
      return read.rows.map((row, at) => `${read.ops[at]}${row[0]}`).sort();
    },
  };
}
