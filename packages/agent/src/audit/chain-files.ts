import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditLogName, QianzhiError, systemReason } from '@qianzhi/model';
import { type ChainEntry, chainDigests } from '@qianzhi/model/crypto';

/** A hash chain that this agent keeps: one file of JSON lines a month, one chain over all of them. */
export interface AgentChain {
  readonly log: Exclude<AuditLogName, 'audit'>;
  /** Below the state folder. */
  readonly folder: string;
  readonly unwritable: (
    where: { readonly file: string; readonly reason: ReturnType<typeof systemReason> },
    cause: unknown,
  ) => QianzhiError;
  readonly broken: (where: { readonly file: string; readonly line: number }) => QianzhiError;
}

export type Chained<Entry> = Entry & ChainEntry & { readonly at: string };

const NAME = /^\d{4}-\d{2}\.jsonl$/;
const STEP_BYTES = 65_536;
const LINE_FEED = 10;

/** The chain's files, oldest first, below the state folder. */
export function chainFiles({ folder }: AgentChain, stateDir: string): string[] {
  const place = join(stateDir, folder);
  const names = existsSync(place) ? readdirSync(place) : [];
  return names
    .filter((name) => NAME.test(name))
    .sort()
    .map((name) => `${folder}/${name}`);
}

/** The newest whole entry, unproven; undefined while there is none. Reads the end of the newest files alone. Throws the chain's `broken`. */
export async function lastChainEntry(chain: AgentChain, stateDir: string): Promise<ChainEntry | undefined> {
  for (const name of chainFiles(chain, stateDir).reverse()) {
    const path = join(stateDir, name);
    const { line } = await wholeLinesOf(path);
    if (line === undefined) continue;
    const entry = entryOf<ChainEntry>(line);
    if (entry) return entry;
    let lines = 0;
    for await (const _ of linesOf(path)) lines++;
    throw chain.broken({ file: path, line: lines });
  }
  return undefined;
}

/** The last whole line of a file, and where it ends; what is behind that is not finished. A file of a month may be too large for one string. */
export async function wholeLinesOf(path: string): Promise<{ line: string | undefined; end: number }> {
  await using file = await open(path, 'r');
  let from = (await file.stat()).size;
  let tail = Buffer.alloc(0);
  for (;;) {
    const end = tail.lastIndexOf(LINE_FEED);
    const before = end < 0 ? -1 : tail.subarray(0, end).lastIndexOf(LINE_FEED);
    if (before >= 0 || from === 0) {
      const line = end < 0 ? undefined : tail.toString('utf8', before + 1, end);
      return { line, end: from + end + 1 };
    }
    const piece = Buffer.alloc(Math.min(STEP_BYTES, from));
    from -= piece.length;
    await file.read(piece, 0, piece.length, from);
    tail = Buffer.concat([piece, tail]);
  }
}

/** Whole lines: one that is being written is left out. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const text of createReadStream(path, 'utf8')) {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
}

/** The entries as they are written, oldest first, proven or not: for others to check. */
export async function* readChainLines(chain: AgentChain, stateDir: string): AsyncGenerator<string> {
  for (const name of chainFiles(chain, stateDir)) yield* linesOf(join(stateDir, name));
}

/** Every entry, oldest first, each proven to follow. Throws the chain's `broken` at the first that does not. */
export async function* chainEntries<Entry>(
  chain: AgentChain,
  stateDir: string,
): AsyncGenerator<Chained<Entry>> {
  let before: ChainEntry | undefined;
  for (const name of chainFiles(chain, stateDir)) {
    const file = join(stateDir, name);
    let at = 0;
    for await (const line of linesOf(file)) {
      at++;
      const entry = entryOf<Chained<Entry>>(line);
      const follows =
        entry &&
        chainDigests[chain.log](entry) === entry.digest &&
        entry.previous === (before?.digest ?? null) &&
        entry.seq === (before?.seq ?? 0) + 1;
      if (!follows) throw chain.broken({ file, line: at });
      before = entry;
      yield entry;
    }
  }
}

export interface NewestEntries<Entry> {
  /** Of the whole chain. */
  readonly total: number;
  /** The newest first. */
  readonly entries: readonly Entry[];
}

/** So many of those that are wanted; the others are read and proven, and not held. */
export async function newestOf<Entry>(
  all: AsyncIterable<Entry>,
  limit: number,
  isWanted: (entry: Entry) => boolean = () => true,
): Promise<NewestEntries<Entry>> {
  let total = 0;
  const entries: Entry[] = [];
  for await (const entry of all) {
    total++;
    if (isWanted(entry)) entries.push(entry);
    if (entries.length >= 2 * limit) entries.splice(0, entries.length - limit);
  }
  return { total, entries: entries.slice(-limit).reverse() };
}

function entryOf<Entry>(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}
