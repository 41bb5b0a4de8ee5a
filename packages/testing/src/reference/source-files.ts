import { createHash } from 'node:crypto';
import { fileNameProblem, mediaTypeOf, throwIfCancelled } from '@qianzhi/model';
import type { FilePartBlock, Source, SourceNotice } from '@qianzhi/plugin-api';
import type { MemoryFile, MemoryFolder } from './memory-server.js';

/** Files up to number `done` are read; of the next one as much as `offset` says. */
interface Position {
  readonly done: number;
  readonly offset: number;
}

const start: Position = { done: 0, offset: 0 };

/** Reads the files of a folder in the order in which they came. */
export function openFileSource(folder: MemoryFolder): Source {
  const notices: SourceNotice[] = [];
  const next = ({ done }: Position) =>
    [...folder.files.values()]
      .filter(({ number, name }) => number > done && !fileNameProblem(name))
      .sort((a, b) => a.number - b.number)[0];
  return {
    async *read(checkpoint, { blockBytes }, signal) {
      let at: Position = checkpoint === undefined ? start : JSON.parse(checkpoint);
      for (const { name } of folder.files.values()) {
        if (fileNameProblem(name)) notices.push({ code: 'files-refused', rows: 1, details: { file: name } });
      }
      for (let file = next(at); file; file = next(at)) {
        throwIfCancelled(signal, 'read files');
        const bytes = file.bytes.slice(at.offset, at.offset + blockBytes);
        const end = at.offset + bytes.length;
        const { offset } = at;
        at = end < file.bytes.length ? { done: at.done, offset: end } : { done: file.number, offset: 0 };
        yield blockOf(file, offset, bytes, at);
      }
    },
    async confirm(checkpoint, signal) {
      throwIfCancelled(signal, 'confirm');
      const { done } = JSON.parse(checkpoint) as Position;
      for (const { name, number } of [...folder.files.values()]) {
        if (number <= done && !fileNameProblem(name)) folder.files.delete(name);
      }
    },
    notices: () => notices,
    async [Symbol.asyncDispose]() {},
  };
}

function blockOf(file: MemoryFile, offset: number, bytes: Uint8Array, after: Position): FilePartBlock {
  return {
    kind: 'file-part',
    file: {
      name: file.name,
      size: file.bytes.length,
      digest: digestOf(file.bytes),
      mediaType: mediaTypeOf(file.name),
      modifiedAt: new Date(file.modified).toISOString(),
      offset,
    },
    bytes,
    checkpoint: JSON.stringify(after),
  };
}

export function digestOf(bytes: Uint8Array): string {
  return `sha-256:${createHash('sha256').update(bytes).digest('base64url')}`;
}
