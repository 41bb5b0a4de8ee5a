import type { BatchKind } from '@qianzhi/model';
import type { SignatureSuite, StreamingDigest } from '@qianzhi/model/crypto';
import { suiteOf } from '@qianzhi/model/suites';

const intlSuite = suiteOf('intl');

/** What the rows digest covers besides the row text. */
export interface RowsAbout {
  readonly kind: BatchKind;
  readonly schemaVersion: number;
}

/** Begins a rows digest; feed the uncompressed row text in any pieces. */
export function startRowsDigest(about: RowsAbout, suite: SignatureSuite = intlSuite): StreamingDigest {
  return suite.createDigest().update(Buffer.from(`qianzhi:rows:1\n${about.kind}\n${about.schemaVersion}\n`));
}

/** A batch's identity: digest of the uncompressed row text with kind and schema version, in a domain of its own. */
export function rowsDigest(about: RowsAbout, raw: Uint8Array, suite: SignatureSuite = intlSuite): string {
  return startRowsDigest(about, suite).update(raw).digest();
}

/** Digest of the stored bytes: checks a transfer, identifies nothing. */
export function bytesDigest(stored: Uint8Array, suite: SignatureSuite = intlSuite): string {
  return suite.digest(stored);
}
