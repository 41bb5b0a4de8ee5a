import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Where files of downloads are, and the records by which their rows are recognised. */
export interface DownloadFolders {
  /** Holds one folder for each file that is ready. */
  readonly ready: string;
  folderOf(id: string): string;
  /** A name beside it, for what is in the making. */
  makingOf(id: string, part: string): string;
  fileOf(id: string, name: string): string;
  /** Undefined once it is past its keeping. */
  traceOf(id: string): string | undefined;
  keepTrace(id: string, name: string): Promise<void>;
  /** Removes the file and what was in the making; the record of its rows stays. */
  remove(id: string): Promise<void>;
  removeTrace(id: string): Promise<void>;
  /** Ids that have a folder. */
  list(): Promise<string[]>;
  listTraces(): Promise<string[]>;
}

export async function openFolders(dataDir: string): Promise<DownloadFolders> {
  const ready = join(dataDir, 'downloads');
  const traces = join(dataDir, 'traces');
  for (const folder of [ready, traces]) await mkdir(folder, { recursive: true, mode: 0o700 });
  const trace = (id: string) => join(traces, `${id}.trace`);
  const nameOf = (entry: string) => entry.split('.')[0]!;
  return {
    ready,
    folderOf: (id) => join(ready, id),
    makingOf: (id, part) => join(ready, `${id}.${part}`),
    fileOf: (id, name) => join(ready, id, name),
    traceOf: (id) => (existsSync(trace(id)) ? trace(id) : undefined),
    keepTrace: (id, name) => rename(join(ready, id, name), trace(id)),
    async remove(id) {
      for (const entry of await readdir(ready)) {
        if (nameOf(entry) === id) await rm(join(ready, entry), { recursive: true, force: true });
      }
    },
    removeTrace: (id) => rm(trace(id), { force: true }),
    list: async () => [...new Set((await readdir(ready)).map(nameOf))],
    listTraces: async () => (await readdir(traces)).map(nameOf),
  };
}
