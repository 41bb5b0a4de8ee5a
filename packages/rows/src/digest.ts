import type { BatchKind } from '@qianzhi/model';
import type { SignatureSuite, StreamingDigest } from '@qianzhi/model/crypto';
import { suiteOf } from '@qianzhi/model/suites';

const intlSuite = suiteOf('intl');

/** What the rows digest covers besides the row text. */
export interface RowsAbout {
  readonly kind: BatchKind;
  readonly schemaVersion: number;
  /** Which part of which file the bytes are (`filePartText` of the model); only for kind `files`. */
  readonly part?: string | undefined;
  /** Of several whole files: length of their list. It names the digest of each, so the rows digest covers it and no more. */
  readonly listBytes?: number | undefined;
}

/** Begins a rows digest; feed the uncompressed row text, or the list of whole files, in any pieces. */
export function startRowsDigest(about: RowsAbout, suite: SignatureSuite = intlSuite): StreamingDigest {
  const part = about.listBytes !== undefined ? 'list\n' : about.part === undefined ? '' : `${about.part}\n`;
  return suite
    .createDigest()
    .update(Buffer.from(`qianzhi:rows:1\n${about.kind}\n${about.schemaVersion}\n${part}`));
}

/** A batch's identity: digest of the uncompressed row text with kind and schema version, in a domain of its own. */
export function rowsDigest(about: RowsAbout, raw: Uint8Array, suite: SignatureSuite = intlSuite): string {
  return startRowsDigest(about, suite).update(raw.subarray(0, about.listBytes)).digest();
}

/** Digest of the stored bytes: checks a transfer, identifies nothing. */
export function bytesDigest(stored: Uint8Array, suite: SignatureSuite = intlSuite): string {
  return suite.digest(stored);
}
