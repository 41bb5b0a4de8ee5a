import { readFile } from 'node:fs/promises';
import { checkShape } from '@qianzhi/model';
import { type Static, Type } from '@qianzhi/model/schema';
import { errnoOf } from '../folder/classify.js';
import { writeDurably } from '../folder/durable.js';

const KnownFileSchema = Type.Object({
  name: Type.String(),
  size: Type.Integer({ minimum: 0 }),
  modified: Type.Number(),
  /** When this size and time were first seen, by our own clock: the server's may be off. */
  since: Type.Number(),
  /** A copy was brought into the mirror. */
  fetched: Type.Boolean(),
});
export type KnownFile = Static<typeof KnownFileSchema>;

const RecordSchema = Type.Object({ v: Type.Literal(1), files: Type.Array(KnownFileSchema) });

/** What was seen on the server, by name. A record that is lost costs one more fetch of what waits there. */
export async function readKnown(path: string): Promise<Map<string, KnownFile>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    return new Map();
  }
  const found = checkShape(RecordSchema, JSON.parse(text), path);
  return new Map(found.files.map((file) => [file.name, file]));
}

export async function writeKnown(path: string, known: ReadonlyMap<string, KnownFile>): Promise<void> {
  await writeDurably(path, JSON.stringify({ v: 1, files: [...known.values()] }));
}
