import { createHash, type Hash } from 'node:crypto';

/** SHA-256 of a file that is written from its first byte on, so that it need not be read again at its end. */
export interface RunningDigest {
  /** These bytes are in the file at `path`, from `offset` on. */
  take(path: string, offset: number, bytes: Uint8Array): void;
  /** Of a file of this length; undefined where not all of it went through here, as after a restart. */
  end(path: string, length: number): string | undefined;
}

export function runningDigest(): RunningDigest {
  let open: { readonly path: string; length: number; readonly hash: Hash } | undefined;
  return {
    take(path, offset, bytes) {
      if (offset === 0) open = { path, length: 0, hash: createHash('sha256') };
      if (open?.path !== path || open.length !== offset) {
        open = undefined;
        return;
      }
      open.hash.update(bytes);
      open.length += bytes.length;
    },
    end(path, length) {
      const done = open;
      open = undefined;
      if (done?.path !== path || done.length !== length) return undefined;
      return `sha-256:${done.hash.digest('base64url')}`;
    },
  };
}
