import { createHash, randomBytes } from 'node:crypto';
import { type FilePart, fileListText, mediaTypeOf } from '@qianzhi/model';
import { describe, expect, it } from 'vitest';
import { bytesDigest, rowsDigest } from './digest.js';
import { checkRows, openRows, sealRows } from './stored-rows.js';
import { plainFrame } from './zstd/frame.js';

function fileOf(name: string, bytes: Uint8Array): FilePart {
  return {
    name,
    size: bytes.length,
    digest: `sha-256:${createHash('sha256').update(bytes).digest('base64url')}`,
    mediaType: mediaTypeOf(name),
    modifiedAt: '2026-01-01T00:00:00.000Z',
    offset: 0,
  };
}

function batchOf(contents: readonly Uint8Array[], change = (files: FilePart[]) => files) {
  const files = change(contents.map((bytes, n) => fileOf(`${n}.pdf`, bytes)));
  const list = Buffer.from(fileListText(files));
  const raw = Buffer.concat([list, ...contents]);
  const about = { kind: 'files' as const, schemaVersion: 1, listBytes: list.length };
  return { files, raw, about };
}

/** As whoever lies would have it: all digests are those of what is sent. */
function claimOf({ raw, about }: Pick<ReturnType<typeof batchOf>, 'raw' | 'about'>) {
  const stored = Buffer.concat([...plainFrame(raw)]);
  const digests = { rowsDigest: rowsDigest(about, raw), bytesDigest: bytesDigest(stored) };
  return { stored, claim: { ...about, ...digests, rawBytes: raw.length, fields: 1 } };
}

// below and above what goes to the row thread; in pieces of 128 KiB that no file ends with
describe.each([
  ['small', [randomBytes(700), Buffer.alloc(0), Buffer.from('x')]],
  ['large', [randomBytes(700_000), Buffer.alloc(0), randomBytes(500_000), Buffer.from('x')]],
  ['large and compressed', [Buffer.alloc(900_000, 'ab'), randomBytes(500_000), Buffer.alloc(0)]],
])('whole files, %s', (_, contents) => {
  it('come back as they were, each proven', async () => {
    const { files, raw, about } = batchOf(contents);
    const { stored, rowsDigest, bytesDigest } = await sealRows(raw, about);
    const claim = { ...about, rowsDigest, bytesDigest, rawBytes: raw.length, fields: 1 };
    expect(await checkRows(stored, claim)).toMatchObject({ files });
    const opened = await openRows(stored, claim);
    if ('differs' in opened) throw new Error(opened.differs);
    expect(opened.files).toEqual(files);
    expect(Buffer.compare(opened.raw, raw)).toBe(0);
    // the list names them, so it alone is what the rows digest is of
    const other = Buffer.from(raw);
    other[raw.length - 1]! ^= 1;
    expect((await sealRows(other, about)).rowsDigest).toBe(rowsDigest);
  });

  const differs = async (batch: Pick<ReturnType<typeof batchOf>, 'raw' | 'about'>) => {
    const { stored, claim } = claimOf(batch);
    expect(await checkRows(stored, claim)).toEqual({ differs: 'rows' });
    expect(await openRows(stored, claim)).toEqual({ differs: 'rows' });
  };

  it('differ where any byte of a file is another, though all digests of the batch fit', async () => {
    const { raw, about } = batchOf(contents);
    for (const at of [about.listBytes, raw.length - 1]) {
      const other = Buffer.from(raw);
      other[at]! ^= 1;
      await differs({ raw: other, about });
    }
  });

  it('differ where bytes are missing, left over, or another file’s', async () => {
    const { raw, about } = batchOf(contents);
    await differs({ raw: raw.subarray(0, -1), about });
    await differs({ raw: Buffer.concat([raw, Buffer.from('x')]), about });
    const first = (files: FilePart[], size: number) => [{ ...files[0]!, size }, ...files.slice(1)];
    await differs(batchOf(contents, (files) => first(files, files[0]!.size - 1)));
    await differs(batchOf(contents, (files) => first(files, raw.length * 2)));
    await differs(batchOf(contents, (files) => files.toReversed()));
    await differs({ raw, about: { ...about, listBytes: about.listBytes - 1 } });
  });
});
