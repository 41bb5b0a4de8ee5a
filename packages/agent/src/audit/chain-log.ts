import { type FileHandle, mkdir, open, truncate } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isDiskFull, systemReason } from '@qianzhi/model';
import { type ChainEntry, chainDigests } from '@qianzhi/model/crypto';
import { syncFolder } from '../whole-file.js';
import { type AgentChain, chainFiles, lastChainEntry, wholeLinesOf } from './chain-files.js';

/** What the chain itself writes is not an entry's to say. */
type Loggable = { readonly kind: string } & { readonly [K in keyof ChainEntry | 'at']?: never };

export interface ChainLog<Entry extends Loggable> {
  /**
   * Resolves when the entry is on the disk; entries that come together are synced together. Throws the chain's `unwritable`: while the
   * disk is full, or, once it failed, until the log is opened by another process.
   */
  record(entry: Entry): Promise<void>;
  close(): Promise<void>;
}

interface Waiting<Entry> {
  readonly entry: Entry;
  readonly at: string;
  settle(error?: unknown): void;
}

/** How far a chain goes, and the newest of its files. */
interface Head {
  readonly seq: number;
  readonly digest: string | null;
  readonly name: string;
}

/** What a crash left unfinished at the end was never told to anybody, and is taken away. */
export async function openChainLog<Entry extends Loggable>(
  chain: AgentChain,
  stateDir: string,
  now: () => Date,
): Promise<ChainLog<Entry>> {
  const folder = join(stateDir, chain.folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  /** Undefined once a full disk took a part alone: how far it goes is read anew. */
  let head: Head | undefined = await headOf(chain, stateDir);
  let file: { readonly name: string; readonly handle: FileHandle } | undefined;
  let waiting: Waiting<Entry>[] = [];
  let writing: Promise<void> | undefined;
  let broken: unknown;
  let isUncertain = false;

  /** Behind a failed fsync it is not known any more what is on the disk: a new process finds out. */
  async function survives(sync: Promise<void>): Promise<void> {
    isUncertain = true;
    await sync;
    isUncertain = false;
  }

  async function handleFor(name: string): Promise<FileHandle> {
    if (file?.name === name) return file.handle;
    await file?.handle.close();
    file = undefined;
    file = { name, handle: await open(join(folder, name), 'a', 0o600) };
    await survives(syncFolder(folder));
    return file.handle;
  }

  async function write(group: readonly Waiting<Entry>[]): Promise<void> {
    let name = `${now().toISOString().slice(0, 7)}.jsonl`;
    try {
      head ??= await headOf(chain, stateDir);
      // a clock that was set back forks no chain
      if (head.name > name) name = head.name;
      let { seq, digest } = head;
      let lines = '';
      for (const { entry, at } of group) {
        const body = { seq: ++seq, at, ...(entry as object), previous: digest };
        digest = chainDigests[chain.log]({ ...body, digest: '' });
        lines += `${JSON.stringify({ ...body, digest })}\n`;
      }
      const handle = await handleFor(name);
      await handle.appendFile(lines);
      await survives(handle.datasync());
      head = { seq, digest, name };
    } catch (cause) {
      const error = chain.unwritable({ file: join(folder, name), reason: systemReason(cause) }, cause);
      head = undefined;
      if (isUncertain || !isDiskFull(cause)) broken = error;
      throw error;
    }
  }

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      const error = broken ?? (await write(group).catch((unwritable) => unwritable));
      for (const { settle } of group) settle(error);
    }
    writing = undefined;
  }

  return {
    record(entry) {
      if (broken) return Promise.reject(broken);
      const at = now().toISOString();
      return new Promise((resolve, reject) => {
        waiting.push({ entry, at, settle: (error) => (error === undefined ? resolve() : reject(error)) });
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

async function headOf(chain: AgentChain, stateDir: string): Promise<Head> {
  const newest = chainFiles(chain, stateDir).at(-1);
  if (newest !== undefined) {
    const path = join(stateDir, newest);
    await truncate(path, (await wholeLinesOf(path)).end);
  }
  const { seq, digest } = (await lastChainEntry(chain, stateDir)) ?? { seq: 0, digest: null };
  return { seq, digest, name: newest === undefined ? '' : basename(newest) };
}
