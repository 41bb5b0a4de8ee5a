import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  type CatalogResource,
  fileListText,
  filePartProblem,
  filePartText,
  isLastPart,
  mediaTypeOf,
  removedFile,
} from '@qianzhi/model';
import type { Checkpoint, FilePartBlock, SinkFilePart, SinkWholeFiles, Source } from '@qianzhi/plugin-api';
import { resourceOf } from './resources.js';
import { delivery } from './writing.js';

/** A resource of files of at most 10,000 bytes. */
export const papers: CatalogResource = {
  ...resourceOf('contract_papers', [{ name: '文件', column: 'file', type: 'G', length: 10_000 }]),
  content: 'files',
};

/** So small that a file of a few hundred bytes comes in several parts. */
export const smallParts = { blockBytes: 100 } as const;

export function digestOf(bytes: Uint8Array): string {
  return `sha-256:${createHash('sha256').update(bytes).digest('base64url')}`;
}

/** Reads until there is no more, checking what every block promises of itself. */
export async function readParts(
  source: Source,
  checkpoint: Checkpoint | undefined,
  signal: AbortSignal,
): Promise<FilePartBlock[]> {
  const blocks: FilePartBlock[] = [];
  for await (const block of source.read(checkpoint, smallParts, signal)) {
    assert.equal(block.kind, 'file-part', 'files are read as parts of files');
    assert.ok(block.bytes.length <= smallParts.blockBytes, 'a part is no larger than it may be');
    assert.equal(filePartProblem(block.file, block.bytes.length, papers), undefined);
    assert.equal(typeof block.checkpoint, 'string', 'every part carries a checkpoint');
    blocks.push({ ...block, bytes: Buffer.from(block.bytes) });
  }
  return blocks;
}

/** Files put together from their parts, by name; `before` are parts read earlier. A part out of its order fails. */
export function wholesOf(blocks: readonly FilePartBlock[]): Map<string, Buffer> {
  const wholes = new Map<string, Buffer>();
  let open: { name: string; bytes: Buffer } | undefined;
  for (const { file, bytes } of blocks) {
    const before = file.offset === 0 ? Buffer.alloc(0) : open?.name === file.name ? open.bytes : undefined;
    assert.equal(before?.length, file.offset, `${file.name}: a part follows the one before`);
    open = { name: file.name, bytes: Buffer.concat([before!, bytes]) };
    if (!isLastPart(file, bytes.length)) continue;
    assert.equal(digestOf(open.bytes), file.digest, `${file.name}: the digest is of the whole`);
    wholes.set(file.name, open.bytes);
  }
  return wholes;
}

/** Says that a file is gone, as the delivery numbered `seq`. */
export function removalOf(name: string, seq: number): SinkFilePart {
  const [part] = filePartsOf(name, new Uint8Array(), seq);
  const file = removedFile(name, new Date('2026-01-03T03:04:05.000Z'));
  return { ...part!, file, rowsDigest: digestOf(Buffer.from(filePartText(file))) };
}

/** Files that come together, and such that are gone, as the delivery numbered `seq`. */
export function wholeFilesOf(
  contents: Readonly<Record<string, Uint8Array>>,
  seq: number,
  gone: readonly string[] = [],
): SinkWholeFiles {
  const whole = Object.entries(contents).map(([name, bytes]) => {
    const [part] = filePartsOf(name, bytes, seq, { partBytes: Math.max(1, bytes.length) });
    return part!;
  });
  const files = [...gone.map((name) => removalOf(name, seq)), ...whole].map(({ file }) => file);
  return {
    delivery,
    seq,
    kind: 'whole-files',
    files,
    resource: papers,
    rowsDigest: digestOf(Buffer.from(fileListText(files))),
    rows: files.length,
    bytes: Buffer.concat(whole.map(({ bytes }) => bytes)),
  };
}

/** A file cut into parts of so many bytes, as deliveries numbered from `seq`. `digest`: another one than its own. */
export function filePartsOf(
  name: string,
  bytes: Uint8Array,
  seq: number,
  { digest = digestOf(bytes), partBytes = 100 }: { digest?: string; partBytes?: number } = {},
): SinkFilePart[] {
  const parts: SinkFilePart[] = [];
  for (let offset = 0; offset === 0 || offset < bytes.length; offset += partBytes) {
    const piece = bytes.slice(offset, offset + partBytes);
    const file = {
      name,
      size: bytes.length,
      digest,
      mediaType: mediaTypeOf(name),
      modifiedAt: '2026-01-02T03:04:05.000Z',
      offset,
    };
    const identity = createHash('sha256').update(JSON.stringify(file)).update(piece).digest('base64url');
    parts.push({
      delivery,
      seq: seq + parts.length,
      kind: 'files',
      file,
      resource: papers,
      rowsDigest: `sha-256:${identity}`,
      rows: isLastPart(file, piece.length) ? 1 : 0,
      bytes: piece,
    });
  }
  return parts;
}
