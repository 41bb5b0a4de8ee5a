import { createRequire } from 'node:module';
import zlib from 'node:zlib';
import { bufferView } from '../views.js';

/** One-shot zstd off the event loop. */
export interface ZstdLibrary {
  readonly name: string;
  compress(raw: Uint8Array): Promise<Uint8Array>;
  decompress(stored: Uint8Array, rawBytes: number): Promise<Uint8Array>;
}

type Done = (error: Error | null, result: Buffer) => void;

/** What Node ≥ 22.15 adds; the types of Node 20 do not know it. */
interface ZlibWithZstd {
  zstdCompress?(raw: Uint8Array, options: object, done: Done): void;
  zstdDecompress?(stored: Uint8Array, options: object, done: Done): void;
  constants: Record<string, number>;
}

const LEVEL = 1;
let chosen: ZstdLibrary | undefined;

/** node:zlib where it has zstd, else the prebuilt package. */
export function zstd(): ZstdLibrary {
  chosen ??= nodeZstd(zlib as unknown as ZlibWithZstd) ?? prebuiltZstd();
  return chosen;
}

function nodeZstd(from: ZlibWithZstd): ZstdLibrary | undefined {
  const { zstdCompress, zstdDecompress, constants } = from;
  if (!zstdCompress || !zstdDecompress) return undefined;
  return {
    name: 'node:zlib',
    compress(raw) {
      const params = { [constants.ZSTD_c_compressionLevel!]: LEVEL };
      return settled((done) => zstdCompress(raw, { params, pledgedSrcSize: raw.length }, done));
    },
    decompress: (stored, rawBytes) =>
      settled((done) => zstdDecompress(stored, { maxOutputLength: Math.max(rawBytes, 1) }, done)),
  };
}

function settled(start: (done: Done) => void): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    start((error, result) => (error ? reject(error) : resolve(result)));
  });
}

/** The package's own entry drops the level (and so compresses at 3): its bindings take it. */
function prebuiltZstd(): ZstdLibrary {
  const bindings = createRequire(import.meta.url)('@mongodb-js/zstd/bindings.js') as {
    compress(raw: Buffer, level: number): Promise<Buffer>;
    decompress(stored: Buffer): Promise<Buffer>;
  };
  return {
    name: '@mongodb-js/zstd',
    compress: (raw) => bindings.compress(bufferView(raw), LEVEL),
    decompress: (stored) => bindings.decompress(bufferView(stored)),
  };
}
