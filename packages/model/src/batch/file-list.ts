import type { FilePart } from './file-part.js';

/** Which file it is, as text: what the rows digest of a part covers before its bytes, because equal bytes are not the same file. */
export function filePartText({
  name,
  size,
  digest,
  mediaType,
  modifiedAt,
  offset,
  removed,
}: FilePart): string {
  return JSON.stringify([name, size, digest, mediaType, modifiedAt, offset, ...(removed ? ['removed'] : [])]);
}

/** The list that stands before the bytes of whole files: a line for each, in the order of their bytes. */
export function fileListText(files: readonly FilePart[]): string {
  return files.map((file) => `${filePartText(file)}\n`).join('');
}

/**
 * Reads a list back; undefined for a text that `fileListText` does not write. Sizes and digests have their form, the rest is
 * for `wholeFilesProblem` to judge. Loads nothing, for threads that stay small.
 */
export function readFileList(list: Uint8Array): FilePart[] | undefined {
  const lines = new TextDecoder().decode(list).split('\n');
  if (lines.pop() !== '') return undefined;
  const files = lines.map(readLine);
  return files.every((file) => file !== undefined) ? files : undefined;
}

function readLine(line: string): FilePart | undefined {
  let found: unknown;
  try {
    found = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!Array.isArray(found)) return undefined;
  const [name, size, digest, mediaType, modifiedAt, offset, removed] = found;
  const texts = [name, digest, mediaType, modifiedAt].every((text) => typeof text === 'string');
  if (!texts || !Number.isSafeInteger(size) || size < 0 || offset !== 0) return undefined;
  const whole: FilePart = { name, size, digest, mediaType, modifiedAt, offset };
  const file = removed === undefined ? whole : { ...whole, removed: true as const };
  return filePartText(file) === line ? file : undefined;
}
