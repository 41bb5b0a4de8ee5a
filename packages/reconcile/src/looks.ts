import type { CatalogResource } from '@qianzhi/model';
import { type Buckets, bucketOf, createBuckets } from './buckets.js';
import { createDigests, type RowDigests, SHORT } from './digests.js';
import { createEntries, type Entries, STALE, UNREADABLE } from './entries.js';
import { type ComparisonForm, compileForm } from './form.js';

/** A stretch of one side's rows, read now. */
export interface ReadRows {
  /** Row text in the field order of the compared resource; to be used until the next stretch is asked for. */
  readonly bytes: Uint8Array;
  /** Keys, as row text in item order, of rows there that are not row text or not valid. */
  readonly unfit: readonly string[];
}

export type ReadSide = (signal: AbortSignal) => AsyncIterable<ReadRows>;

/** Looks at one side's table; each is one reading of it in bounded memory. */
export interface Looks {
  /** All rows, by bucket. */
  all(signal: AbortSignal): Promise<Buckets>;
  /** Rows of the buckets, one by one. */
  buckets(wanted: ReadonlySet<number>, expected: number, signal: AbortSignal): Promise<Entries>;
  /** Rows of the keys, one by one, and the text of those keys that are here. */
  keys(wanted: ReadonlySet<string>, signal: AbortSignal): Promise<KeyLook>;
  /** The name of a key, by which both sides know it without its text. */
  nameOf(keyText: string): string;
  /** Keys whose row is unfit, as met by the last look: the first 10,000. */
  unfit(): readonly string[];
}

export interface KeyLook {
  readonly entries: Entries;
  readonly texts: ReadonlyMap<string, string>;
}

export interface LooksOf {
  readonly role: 'provider' | 'consumer';
  readonly resource: CatalogResource;
  readonly form: ComparisonForm;
  readonly secret: Uint8Array;
  readonly read: ReadSide;
}

const MOST_UNFIT = 10_000;

export function createLooks({ role, resource, form, secret, read }: LooksOf): Looks {
  const digests = createDigests(secret, compileForm(resource, form));
  const mark = role === 'provider' ? STALE : UNREADABLE;
  let unfit: string[] = [];

  async function look(
    signal: AbortSignal,
    onRow: (key: Buffer, row: Buffer, keyText: () => string) => void,
    onUnfit: (key: Buffer, keyText: string) => void,
  ): Promise<void> {
    unfit = [];
    for await (const rows of read(signal)) {
      eachRow(digests, rows.bytes, onRow);
      for (const keyText of rows.unfit) {
        if (unfit.length < MOST_UNFIT) unfit.push(keyText);
        onUnfit(digests.keyDigest(keyText), keyText);
      }
    }
  }

  return {
    nameOf: (keyText) => digests.keyDigest(keyText).toString('latin1', 0, SHORT),
    unfit: () => unfit,
    async all(signal) {
      const buckets = createBuckets();
      // the consumer's unreadable row is none that anybody sent; the provider's was never sent, so it is none to compare
      const onUnfit = (key: Buffer) => {
        if (role === 'consumer') buckets.add(key, Buffer.alloc(32, 0xff));
      };
      await look(signal, (key, row) => buckets.add(key, row), onUnfit);
      return buckets;
    },
    async buckets(wanted, expected, signal) {
      const entries = createEntries(expected);
      const take = (key: Buffer, row: Buffer) => {
        if (wanted.has(bucketOf(key))) entries.add(key, row);
      };
      await look(signal, take, (key) => take(key, mark));
      return entries;
    },
    async keys(wanted, signal) {
      const entries = createEntries(wanted.size);
      const texts = new Map<string, string>();
      const take = (key: Buffer, row: Buffer, keyText: () => string) => {
        const name = key.toString('latin1', 0, SHORT);
        if (!wanted.has(name)) return;
        entries.add(key, row);
        texts.set(name, keyText());
      };
      await look(signal, take, (key, keyText) => take(key, mark, () => keyText));
      return { entries, texts };
    },
  };
}

function eachRow(
  digests: RowDigests,
  bytes: Uint8Array,
  onRow: (key: Buffer, row: Buffer, keyText: () => string) => void,
): void {
  digests.each(bytes, ({ key, row, keyText }) => onRow(key, row, keyText));
}
