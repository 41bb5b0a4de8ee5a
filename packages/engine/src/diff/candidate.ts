import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { RowFile } from '@qianzhi/dataset';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import { durableFolder, type StoreDisk, syncFolder } from '../files/durable-folder.js';
import { makeFolder } from '../files/make-folder.js';

/** A file of rows; its path is absolute in memory and relative to the candidate's folder in its description. */
export interface SpooledFile extends RowFile {
  /** Set, with `rawBytes`, when the file is a zstd frame. */
  readonly rowsDigest?: string;
}

/** A complete, validated copy of a source table and what has to be sent of it. It exists once its description does. */
export interface Candidate {
  readonly id: string;
  readonly schemaVersion: number;
  readonly kind: 'snapshot' | 'delta';
  /** Rows (op `S`) the next comparison starts from, when this one's batches are receipted. */
  readonly files: readonly SpooledFile[];
  /** What is sent, in order: the files themselves of a snapshot, the changes of a delta. */
  readonly send: readonly SpooledFile[];
  readonly rejected: number;
  readonly repeated: number;
}

export interface CandidateFolder {
  readonly path: string;
  folderOf(id: string): string;
  /** Throws QZ_ENGINE_CANDIDATE_BROKEN. */
  load(id: string): Promise<Candidate>;
  save(candidate: Candidate): Promise<void>;
  begin(id: string): Promise<string>;
  /** Removes every candidate but these. */
  keepOnly(ids: readonly (string | undefined)[]): Promise<void>;
}

const description = 'candidate.json';

export function candidateFolder(core: Core, disk: StoreDisk, resource: string): CandidateFolder {
  const path = join(core.options.stateDir, 'diff', resource);
  const files = durableFolder(path, disk);
  const folderOf = (id: string) => join(path, id);
  return {
    path,
    folderOf,
    async load(id) {
      const file = join(folderOf(id), description);
      try {
        const stored = JSON.parse(await readFile(file, 'utf8')) as Candidate;
        return withPaths(stored, (path) => join(folderOf(id), path));
      } catch (cause) {
        throw engineErrors.CANDIDATE_BROKEN({ resource, file }, cause);
      }
    },
    async save(candidate) {
      const name = join(candidate.id, description);
      const stored = withPaths(candidate, (path) => relative(folderOf(candidate.id), path));
      await files.writePartial(name, Buffer.from(JSON.stringify(stored)));
      await files.publish([name]);
    },
    begin: (id) =>
      disk.guarded(async () => {
        await makeFolder(folderOf(id));
        for (const folder of [path, dirname(path), core.options.stateDir]) await syncFolder(folder);
        return folderOf(id);
      }),
    keepOnly: (ids) =>
      disk.guarded(async () => {
        await makeFolder(path);
        for (const name of await readdir(path)) {
          if (!ids.includes(name)) await rm(folderOf(name), { recursive: true, force: true });
        }
      }),
  };
}

function withPaths(candidate: Candidate, map: (path: string) => string): Candidate {
  const moved = (files: readonly SpooledFile[]) => files.map((file) => ({ ...file, path: map(file.path) }));
  return { ...candidate, files: moved(candidate.files), send: moved(candidate.send) };
}
