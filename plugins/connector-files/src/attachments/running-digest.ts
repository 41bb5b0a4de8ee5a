import { createHash, type Hash } from 'node:crypto';

/**
 * SHA-256 of a file that is written from its first byte on, so that it need not be read again at its end. Where another hand changed the
 * file between two parts, which its time of last change tells, it is.
 */
export interface RunningDigest {
  /** These bytes are in the file at `path`, from `offset` on; with the file's time of last change before and after they were written. */
  take(path: string, offset: number, bytes: Uint8Array, changed: Changed): void;
  /** Of a file of this length; undefined where not all of it went through here, as after a restart. */
  end(path: string, length: number): string | undefined;
}

export interface Changed {
  readonly beforeNs: bigint;
  readonly afterNs: bigint;
}

export function runningDigest(): RunningDigest {
  let open: { readonly path: string; length: number; changedNs: bigint; readonly hash: Hash } | undefined;
  return {
    take(path, offset, bytes, { beforeNs, afterNs }) {
      if (offset === 0) open = { path, length: 0, changedNs: beforeNs, hash: createHash('sha256') };
      if (open?.path !== path || open.length !== offset || open.changedNs !== beforeNs) {
        open = undefined;
        return;
      }
      open.hash.update(bytes);
      open.length += bytes.length;
      open.changedNs = afterNs;
    },
    end(path, length) {
      const done = open;
      open = undefined;
      if (done?.path !== path || done.length !== length) return undefined;
      return `sha-256:${done.hash.digest('base64url')}`;
    },
  };
}
