import { existsSync, readdirSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode, systemReason } from '@qianzhi/model';
import { queryEntryDigest } from '@qianzhi/model/crypto';
import { agentErrors } from '../errors.js';
import { syncFolder } from '../whole-file.js';

/** What this agent answered, refused or asked, and what it asked in vain: of that it has neither id nor digest, and whether it was answered elsewhere is not known. Of values there is a digest alone. */
export interface QueryEntry {
  readonly kind: 'answered' | 'refused' | 'asked' | 'unanswered';
  readonly id?: string;
  readonly resource: string;
  readonly service: string;
  readonly agreement?: string | undefined;
  readonly grantVersion?: number;
  readonly consumer: string;
  readonly actor: string;
  readonly matter?: string | undefined;
  readonly requestDigest?: string;
  /** Of what was answered or received. */
  readonly rows?: number;
  readonly complete?: boolean;
  readonly rowsDigest?: string;
  /** Of the platform's receipt, where this agent asked. */
  readonly receipt?: string;
  /** Why it was refused, or had no answer. */
  readonly code?: string;
}

export interface LoggedQuery extends QueryEntry {
  readonly seq: number;
  readonly at: string;
  /** Digest of the entry before; null for the first. */
  readonly previous: string | null;
  readonly digest: string;
}

export interface QueryLog {
  /** Resolves when the entry is on the disk; entries that come together are synced together. Throws QZ_AGENT_QUERY_LOG_UNWRITABLE. */
  record(entry: QueryEntry): Promise<void>;
  close(): Promise<void>;
}

const folderOf = (stateDir: string) => join(stateDir, 'queries');
const NAME = /^\d{4}-\d{2}\.jsonl$/;

/** One file a month, one chain over all of them. What a crash left unfinished at its end was never answered, and is taken away. */
export async function openQueryLog(stateDir: string, now: () => Date): Promise<QueryLog> {
  const folder = folderOf(stateDir);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let { seq, digest } = await headOf(folder);
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
        broken = agentErrors.QUERY_LOG_UNWRITABLE(
          { file: join(folder, name), reason: systemReason(cause) },
          cause,
        );
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
      digest = queryEntryDigest(body);
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

/** The log's files, below the state folder. */
export function queryLogFiles(stateDir: string): string[] {
  const folder = folderOf(stateDir);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => NAME.test(name)).map((name) => `queries/${name}`);
}

async function headOf(folder: string): Promise<{ seq: number; digest: string | null }> {
  const names = (await readdir(folder)).filter((name) => NAME.test(name)).sort();
  for (const name of names.reverse()) {
    const path = join(folder, name);
    const text = await readFile(path, 'utf8');
    const whole = text.lastIndexOf('\n') + 1;
    if (whole < text.length) await truncate(path, Buffer.byteLength(text.slice(0, whole)));
    const last = text.slice(0, whole).trimEnd().split('\n').at(-1);
    if (last) return JSON.parse(last) as LoggedQuery;
  }
  return { seq: 0, digest: null };
}

/** The entries as they are written, oldest first, proven or not: for others to check. A line that is being written is left out. */
export async function readQueryLines(stateDir: string): Promise<string[]> {
  const texts = queryLogFiles(stateDir)
    .sort()
    .map((name) => readFile(join(stateDir, name), 'utf8'));
  return (await Promise.all(texts)).flatMap((text) => text.split('\n').slice(0, -1));
}

/** The newest whole entry, unproven; undefined while there is none. Reads the newest file alone. */
export async function lastQueryEntry(stateDir: string): Promise<LoggedQuery | undefined> {
  for (const name of queryLogFiles(stateDir).sort().reverse()) {
    const last = (await readFile(join(stateDir, name), 'utf8')).split('\n').slice(0, -1).at(-1);
    if (last !== undefined) return JSON.parse(last) as LoggedQuery;
  }
  return undefined;
}

/** Every entry, oldest first, the chain proven. Throws QZ_AGENT_QUERY_LOG_BROKEN at the first that does not follow. */
export async function readQueryLog(stateDir: string): Promise<LoggedQuery[]> {
  const folder = folderOf(stateDir);
  const names = await readdir(folder).catch((error) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  const entries: LoggedQuery[] = [];
  for (const name of names.filter((one) => NAME.test(one)).sort()) {
    const lines = (await readFile(join(folder, name), 'utf8')).split('\n').slice(0, -1);
    lines.forEach((line, at) => {
      const before = entries.at(-1);
      const entry = entryOf(line);
      const { digest, ...body } = entry ?? { digest: '' };
      const follows =
        entry &&
        queryEntryDigest(body) === digest &&
        entry.previous === (before?.digest ?? null) &&
        entry.seq === (before?.seq ?? 0) + 1;
      if (!follows) throw agentErrors.QUERY_LOG_BROKEN({ file: join(folder, name), line: at + 1 });
      entries.push(entry);
    });
  }
  return entries;
}

function entryOf(line: string): LoggedQuery | undefined {
  try {
    return JSON.parse(line) as LoggedQuery;
  } catch {
    return undefined;
  }
}
