import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** A file that is digested while it is written, and fsynced at its end. */
export interface OutputFile {
  write(bytes: Uint8Array): Promise<void>;
  /** Answers bytes and digest of all that was written. */
  end(): Promise<{ readonly bytes: number; readonly digest: string }>;
  close(): Promise<void>;
}

export async function createOutputFile(path: string): Promise<OutputFile> {
  const handle = await open(path, 'wx');
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    async write(piece) {
      hash.update(piece);
      bytes += piece.length;
      await handle.writeFile(piece);
    },
    async end() {
      await handle.sync();
      return { bytes, digest: `sha-256:${hash.digest('base64url')}` };
    },
    close: () => handle.close(),
  };
}
