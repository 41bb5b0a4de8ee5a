import { existsSync, readdirSync } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { type AuditLogName, type QianzhiError, systemReason } from '@qianzhi/model';
import { type ChainEntry, chainDigests } from '@qianzhi/model/crypto';
import { syncFolder } from '../whole-file.js';

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
/** What the chain itself writes is not an entry's to say. */
type Unchained = { readonly [K in keyof ChainEntry | 'at']?: never };

export interface ChainLog<Entry extends Unchained> {
  /** Resolves when the entry is on the disk; entries that come together are synced together. Throws the chain's `unwritable`. */
  record(entry: Entry): Promise<void>;
  close(): Promise<void>;
}

const NAME = /^\d{4}-\d{2}\.jsonl$/;

/** What a crash left unfinished at the end was never told to anybody, and is taken away. */
export async function openChainLog<Entry extends Unchained>(
  chain: AgentChain,
  stateDir: string,
  now: () => Date,
): Promise<ChainLog<Entry>> {
  const folder = join(stateDir, chain.folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let { seq, digest } = await headOf(chain, stateDir);
  let file: { readonly name: string; readonly handle: FileHandle } | undefined;
  let waiting: { readonly line: string; settle(error?: unknown): void }[] = [];
  let writing: Promise<void> | undefined;
  let broken: unknown;

  async function handleFor(name: string): Promise<FileHandle> {
    if (file?.name === name) return file.handle;
    await file?.handle.close();
    file = { name, handle: await open(join(folder, name), 'a', 0o600) };
    await syncFolder(folder);
    return file.handle;
  }

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      const name = `${now().toISOString().slice(0, 7)}.jsonl`;
      try {
        const handle = await handleFor(name);
        await handle.appendFile(group.map(({ line }) => line).join(''));
        await handle.datasync();
        for (const { settle } of group) settle();
      } catch (cause) {
        // whether it is on the disk is not known any more: a new process finds out
        broken = chain.unwritable({ file: join(folder, name), reason: systemReason(cause) }, cause);
        for (const { settle } of [...group, ...waiting]) settle(broken);
        waiting = [];
      }
    }
    writing = undefined;
  }

  return {
    record(entry) {
      if (broken) return Promise.reject(broken);
      const body = { seq: seq + 1, at: now().toISOString(), ...entry, previous: digest };
      seq += 1;
      digest = chainDigests[chain.log]({ ...body, digest: '' });
      const line = `${JSON.stringify({ ...body, digest })}\n`;
      return new Promise((resolve, reject) => {
        waiting.push({ line, settle: (error) => (error === undefined ? resolve() : reject(error)) });
        writing ??= Promise.resolve().then(flush);
      });
    },
    async close() {
      await writing;
      await file?.handle.close();
      file = undefined;
    },
  };
}

/** The chain's files, oldest first, below the state folder. */
export function chainFiles({ folder }: AgentChain, stateDir: string): string[] {
  const place = join(stateDir, folder);
  const names = existsSync(place) ? readdirSync(place) : [];
  return names
    .filter((name) => NAME.test(name))
    .sort()
    .map((name) => `${folder}/${name}`);
}

async function headOf(chain: AgentChain, stateDir: string): Promise<{ seq: number; digest: string | null }> {
  const newest = chainFiles(chain, stateDir).at(-1);
  if (newest !== undefined) {
    const path = join(stateDir, newest);
    const text = await readFile(path, 'utf8');
    const whole = text.lastIndexOf('\n') + 1;
    if (whole < text.length) await truncate(path, Buffer.byteLength(text.slice(0, whole)));
  }
  return (await lastChainEntry(chain, stateDir)) ?? { seq: 0, digest: null };
}

/** Whole lines: one that is being written is left out. */
async function linesOf(stateDir: string, name: string): Promise<string[]> {
  return (await readFile(join(stateDir, name), 'utf8')).split('\n').slice(0, -1);
}

/** The entries as they are written, oldest first, proven or not: for others to check. */
export async function readChainLines(chain: AgentChain, stateDir: string): Promise<string[]> {
  return (await Promise.all(chainFiles(chain, stateDir).map((name) => linesOf(stateDir, name)))).flat();
}

/** The newest whole entry, unproven; undefined while there is none. Reads the newest files alone. */
export async function lastChainEntry(chain: AgentChain, stateDir: string): Promise<ChainEntry | undefined> {
  for (const name of chainFiles(chain, stateDir).reverse()) {
    const last = (await linesOf(stateDir, name)).at(-1);
    if (last !== undefined) return JSON.parse(last) as ChainEntry;
  }
  return undefined;
}

/** Every entry, oldest first, the chain proven. Throws the chain's `broken` at the first that does not follow. */
export async function readChainLog<Entry>(chain: AgentChain, stateDir: string): Promise<Chained<Entry>[]> {
  const entries: Chained<Entry>[] = [];
  for (const name of chainFiles(chain, stateDir)) {
    (await linesOf(stateDir, name)).forEach((line, at) => {
      const before = entries.at(-1);
      const entry = entryOf<Chained<Entry>>(line);
      const follows =
        entry &&
        chainDigests[chain.log](entry) === entry.digest &&
        entry.previous === (before?.digest ?? null) &&
        entry.seq === (before?.seq ?? 0) + 1;
      if (!follows) throw chain.broken({ file: join(stateDir, name), line: at + 1 });
      entries.push(entry);
    });
  }
  return entries;
}

function entryOf<Entry>(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}
