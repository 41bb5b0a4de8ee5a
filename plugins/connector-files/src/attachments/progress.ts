import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { classify } from '../folder/classify.js';
import { shortDigest } from '../folder/identity.js';
import type { ReadFile, State } from '../source/checkpoint.js';
import { type Reading, settledKey } from '../source/reading.js';

/** How far a read came. */
export interface Progress {
  state: State;
}

/**
 * What was read to its end, with these. Without what `confirm` has put aside meanwhile: ten thousand names in each of as many
 * checkpoints would be a hundred million.
 */
export function withRead(
  { settled }: Reading,
  { read }: State,
  files: readonly Pick<ReadFile, 'n' | 'name' | 'identity' | 'digest'>[],
): State['read'] {
  const names = new Set(files.map(({ name }) => name));
  const others = read.filter((one) => !names.has(one.name) && !settled.aside.has(settledKey(one)));
  return [
    ...others,
    ...files.map(({ n, name, identity, digest }) => ({ n, name, identity, digest: shortDigest(digest) })),
  ];
}

/** Never through a link: one may lead to any file that the agent can read. */
export async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    throw classify(error, 'read', path);
  }
}
