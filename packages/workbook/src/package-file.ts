import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { isQianzhiError, throwIfCancelled } from '@qianzhi/model';
import { type SaxesAttributePlain, SaxesParser } from 'saxes';
import { type Entry, fromFdPromise, type ZipFile } from 'yauzl';
import type { WorkbookFaults } from './faults.js';

/** More text than this in one piece is no cell: Excel's own limit is 32,767 characters. */
const PIECE_BYTES = 16 * 1024 * 1024;
const MOST_ENTRIES = 10_000;

/** What a reader of one XML part is told; names are without their prefix. */
export interface XmlHandler {
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
}

/** The parts of an XLSX file: a zip of XML. */
export interface PackageFile {
  readonly faults: WorkbookFaults;
  /** Whether it carries programs: VBA or the macro sheets of old. */
  readonly macros: boolean;
  /** All parts unpacked, as the zip declares them; a part that differs is refused while it is read. */
  readonly unpackedBytes: number;
  has(name: string): boolean;
  /** Feeds a part to the handler, piece by piece; resolves to nothing after each, so that the caller may stop. */
  parse(name: string, handler: XmlHandler, signal: AbortSignal): AsyncGenerator<void>;
}

/** The file stays the caller's to close. */
export async function openPackage(file: FileHandle, faults: WorkbookFaults): Promise<PackageFile> {
  const entries = new Map<string, Entry>();
  let zip: ZipFile;
  try {
    zip = await fromFdPromise(file.fd, { autoClose: false, lazyEntries: true, validateEntrySizes: true });
    if (zip.entryCount > MOST_ENTRIES) throw new Error('too many entries');
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName.replace(/^\//, ''), entry);
  } catch (error) {
    throw damaged(faults, error);
  }
  return {
    faults,
    macros: [...entries.keys()].some((name) =>
      /(^|\/)(vbaproject\.bin$|macrosheets\/|dialogsheets\/)/i.test(name),
    ),
    unpackedBytes: [...entries.values()].reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0),
    has: (name) => entries.has(name),
    async *parse(name, handler, signal) {
      const entry = entries.get(name);
      if (!entry) throw damaged(faults, new Error('a part is missing'));
      let stream: Readable | undefined;
      try {
        stream = await zip.openReadStreamPromise(entry);
        yield* feed(stream, handler, signal);
      } catch (error) {
        throw isQianzhiError(error) ? error : damaged(faults, error);
      } finally {
        stream?.destroy();
      }
    },
  };
}

/** What zip and XML readers say may hold cells; only the kind of fault is told. */
function damaged(faults: WorkbookFaults, cause: unknown): Error {
  const encrypted = cause instanceof Error && /encrypted/i.test(cause.message);
  return faults.damaged(
    encrypted
      ? { zh: '已加密', en: 'it is encrypted' }
      : {
          zh: '不是完好的 XLSX(旧式 XLS 请另存为 XLSX 或 CSV)',
          en: 'no sound XLSX (save an old XLS as XLSX or CSV)',
        },
  );
}

async function* feed(stream: Readable, handler: XmlHandler, signal: AbortSignal): AsyncGenerator<void> {
  const parser = new SaxesParser();
  const decoder = new StringDecoder('utf8');
  let silent = 0;
  const local = (name: string) => name.slice(name.indexOf(':') + 1);
  parser.on('opentag', ({ name, attributes }) => {
    silent = 0;
    handler.open?.(local(name), attributes as Record<string, SaxesAttributePlain['value']>);
  });
  parser.on('text', (text) => handler.text?.(text));
  parser.on('closetag', ({ name }) => {
    silent = 0;
    handler.close?.(local(name));
  });
  parser.on('error', (error) => {
    throw error;
  });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    throwIfCancelled(signal, 'read a file');
    silent += chunk.length;
    if (silent > PIECE_BYTES) throw new Error('a piece of text is too long');
    parser.write(decoder.write(chunk));
    yield;
  }
  parser.write(decoder.end());
  parser.close();
  yield;
}

/** Reads a part to its end. */
export async function parseWhole(
  source: PackageFile,
  name: string,
  handler: XmlHandler,
  signal: AbortSignal,
): Promise<void> {
  for await (const _ of source.parse(name, handler, signal));
}
