import { suiteOf } from '@qianzhi/model/crypto';

/** Row text at rest, as the quarantine keeps it: encrypted; keys and contents are told apart by keyed digests. */
export interface Seal {
  keyDigest(key: string): string;
  contentDigest(shape: number, row: Uint8Array): string;
  /** Bound to inbox and key: sealed bytes cannot be moved to another place. */
  seal(keyDigest: string, row: Uint8Array): Uint8Array;
  unseal(keyDigest: string, sealed: Uint8Array): Uint8Array;
}

export function createSeal(secret: Uint8Array, exchange: string): Seal {
  const suite = suiteOf('intl');
  const place = (key: string) => Buffer.from(`received\n${exchange}\n${key}`);
  return {
    keyDigest: (key) => suite.keyedDigest(secret, Buffer.from(`key\n${key}`)),
    contentDigest: (shape, row) =>
      suite.keyedDigest(secret, Buffer.concat([Buffer.from(`content\n${shape}\n`), row])),
    seal: (key, row) => suite.seal(secret, row, place(key)),
    unseal: (key, sealed) => suite.unseal(secret, sealed, place(key)),
  };
}
