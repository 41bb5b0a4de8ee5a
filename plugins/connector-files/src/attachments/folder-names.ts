import { stat } from 'node:fs/promises';
import { fileNameKey } from '@qianzhi/model';
import { namesIn } from '../folder/list.js';

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
  let byKey = new Map<string, Set<string>>();
  const changed = async () => (await stat(folder, { bigint: true })).mtimeNs;

  function add(name: string): void {
    const key = fileNameKey(name);
    const names = byKey.get(key);
    if (names) names.add(name);
    else byKey.set(key, new Set([name]));
  }

  return {
    async twinsOf(wanted) {
      const now = await changed();
      if (now !== changedNs) {
        byKey = new Map();
        for (const each of await namesIn(folder)) add(each);
        changedNs = now;
      }
      const hasTwin = (name: string) =>
        [...(byKey.get(fileNameKey(name)) ?? [])].some((other) => other !== name);
      return new Set(wanted.filter(hasTwin));
    },
    async put(names, work) {
      const known = (await changed()) === changedNs;
      await work();
      if (!known) return;
      for (const name of names) add(name);
      changedNs = await changed();
    },
  };
}
