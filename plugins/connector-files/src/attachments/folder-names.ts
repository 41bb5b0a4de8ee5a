import { stat } from 'node:fs/promises';
import { fileNameKey } from '@qianzhi/model';
import { namesIn } from '../folder/list.js';

/** Names, found by what is the same of them but for letter case. */
export function namesByKey(names: Iterable<string>) {
  const byKey = new Map<string, Set<string>>();
  function add(name: string): void {
    const key = fileNameKey(name);
    const same = byKey.get(key);
    if (same) same.add(name);
    else byKey.set(key, new Set([name]));
  }
  for (const name of names) add(name);
  const hasTwin = (name: string) => [...(byKey.get(fileNameKey(name)) ?? [])].some((one) => one !== name);
  return { add, twinsOf: (wanted: readonly string[]) => new Set(wanted.filter(hasTwin)) };
}

/** Names in a folder, to be asked for once for each of very many files. */
export interface FolderNames {
  /** Of these, those that another name is but for letter case. */
  twinsOf(names: readonly string[]): Promise<ReadonlySet<string>>;
  /** Has `work` put these names, and no others, into the folder. */
  put(names: readonly string[], work: () => Promise<void>): Promise<void>;
}

/**
 * The folder is listed again only where it changed by another hand, by its time of change: listing it for each file makes ten thousand
 * files a hundred million names. What somebody puts there in the same tick of the file system's clock as `put` is seen with the next change.
 */
export function folderNames(folder: string): FolderNames {
  let changedNs: bigint | undefined;
  let there = namesByKey([]);
  const changed = async () => (await stat(folder, { bigint: true })).mtimeNs;

  return {
    async twinsOf(wanted) {
      const now = await changed();
      if (now !== changedNs) {
        there = namesByKey(await namesIn(folder));
        changedNs = now;
      }
      return there.twinsOf(wanted);
    },
    async put(names, work) {
      const known = (await changed()) === changedNs;
      await work();
      if (!known) return;
      for (const name of names) there.add(name);
      changedNs = await changed();
    },
  };
}
