import type { FilesSource } from '../config.js';

/** Whether a file name fits a pattern of `*` and `?`, and the texts that the wildcards stand for. */
export interface NamePattern {
  /** Undefined where the name does not fit; else what each wildcard stands for, which is what files are ordered by. */
  match(name: string): readonly string[] | undefined;
}

export function compilePattern(pattern: string): NamePattern {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '(.*)')
    .replace(/\?/g, '(.)');
  const expression = new RegExp(`^${source}$`, 'su');
  return { match: (name) => expression.exec(name)?.slice(1) };
}

/** Names under which programs write before they rename: never read, whatever the pattern says. */
const UNFINISHED = /^\.|^~\$|~$|\.(tmp|temp|part|partial|filepart|crdownload|swp|writing)$/i;

export function isUnfinishedName(name: string): boolean {
  return UNFINISHED.test(name);
}

const natural = new Intl.Collator('en', { numeric: true });

export interface Ordered {
  readonly name: string;
  /** Texts of the wildcards. */
  readonly captured: readonly string[];
  readonly modifiedNs: bigint;
}

/**
 * The order in which files are read. By name: what the wildcards stand for, numbers as numbers, so that `full_20260101` and
 * `changes_20260102` are in order; by time: when the file was last written.
 */
export function compareFiles(order: FilesSource['order']): (a: Ordered, b: Ordered) => number {
  const byName = (a: Ordered, b: Ordered) =>
    natural.compare(a.captured.join('\0'), b.captured.join('\0')) ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  if (order === 'name') return byName;
  return (a, b) => (a.modifiedNs < b.modifiedNs ? -1 : a.modifiedNs > b.modifiedNs ? 1 : byName(a, b));
}
