import { reconcileErrors } from './errors.js';

/**
 * Fixed, and sent without the empty ones: of 10 million rows each holds about 150, of a few thousand at most one, so what has to
 * be looked at row by row stays near the number of differences.
 */
export const BUCKETS = 65_536;
const LANES = 8;
/** Number of the bucket, of its rows, and their sum. */
const ENTRY = 2 + 4 + 32;

/**
 * Rows and the sum of their digests for each bucket, 2.4 MB whatever the table's size and the order of its rows.
 *
 * A sum modulo 2^256, not an exclusive or: under that a row held twice vanishes, two rows that are missing pairwise
 * equal ones cancel, and a set of rows with a given total is found by solving linear equations. A sum counts. Finding
 * other rows with the same sum would take 2^256 tries by chance, and aiming needs the session's key, which did not
 * exist when the rows were written.
 */
export interface Buckets {
  readonly rows: number;
  add(key: Buffer, row: Buffer): void;
  rowsIn(bucket: number): number;
  /** The sum over all buckets, 32 bytes. */
  total(): Buffer;
  /** Non-empty buckets by number. */
  encode(): Buffer;
  /** Numbers of the buckets that differ, rising. */
  differing(other: Buckets): number[];
  /** The sum's 32-bit lanes of a bucket, low first. */
  lane(bucket: number, lane: number): number;
}

/** Which bucket a key is in: decided by its digest, so by nobody who writes rows. */
export function bucketOf(key: Buffer): number {
  return key.readUInt16LE(0);
}

export function createBuckets(): Buckets {
  return bucketsOf(new Uint32Array(BUCKETS), new Uint32Array(BUCKETS * LANES), 0);
}

function bucketsOf(counts: Uint32Array, sums: Uint32Array, known: number): Buckets {
  let rows = known;
  const buckets: Buckets = {
    get rows() {
      return rows;
    },
    add(key, row) {
      const bucket = bucketOf(key);
      rows++;
      counts[bucket]!++;
      let carry = 0;
      for (let lane = 0, at = bucket * LANES; lane < LANES; lane++, at++) {
        const sum = sums[at]! + row.readUInt32LE(lane * 4) + carry;
        sums[at] = sum;
        carry = sum > 0xffff_ffff ? 1 : 0;
      }
    },
    rowsIn: (bucket) => counts[bucket]!,
    lane: (bucket, lane) => sums[bucket * LANES + lane]!,
    total() {
      const total = Buffer.alloc(32);
      let carry = 0;
      for (let lane = 0; lane < LANES; lane++) {
        // at most 65,536 times 2^32: exact in a double
        let sum = carry;
        for (let bucket = 0; bucket < BUCKETS; bucket++) sum += sums[bucket * LANES + lane]!;
        total.writeUInt32LE(sum % 2 ** 32, lane * 4);
        carry = Math.floor(sum / 2 ** 32);
      }
      return total;
    },
    encode() {
      let filled = 0;
      for (const count of counts) if (count > 0) filled++;
      const bytes = Buffer.alloc(filled * ENTRY);
      let at = 0;
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        if (counts[bucket] === 0) continue;
        at = bytes.writeUInt16LE(bucket, at);
        at = bytes.writeUInt32LE(counts[bucket]!, at);
        for (let lane = 0; lane < LANES; lane++) at = bytes.writeUInt32LE(buckets.lane(bucket, lane), at);
      }
      return bytes;
    },
    differing(other) {
      const found: number[] = [];
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        let same = counts[bucket] === other.rowsIn(bucket);
        for (let lane = 0; same && lane < LANES; lane++) {
          same = buckets.lane(bucket, lane) === other.lane(bucket, lane);
        }
        if (!same) found.push(bucket);
      }
      return found;
    },
  };
  return buckets;
}

/** Throws QZ_RECONCILE_MESSAGE_BROKEN for what `encode` does not write. */
export function decodeBuckets(bytes: Uint8Array): Buckets {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.length % ENTRY !== 0) throw reconcileErrors.MESSAGE_BROKEN({ what: 'buckets' });
  const counts = new Uint32Array(BUCKETS);
  const sums = new Uint32Array(BUCKETS * LANES);
  let rows = 0;
  let before = -1;
  for (let at = 0; at < view.length; at += ENTRY) {
    const bucket = view.readUInt16LE(at);
    if (bucket <= before) throw reconcileErrors.MESSAGE_BROKEN({ what: 'buckets' });
    before = bucket;
    counts[bucket] = view.readUInt32LE(at + 2);
    rows += counts[bucket]!;
    for (let lane = 0; lane < LANES; lane++) {
      sums[bucket * LANES + lane] = view.readUInt32LE(at + 6 + lane * 4);
    }
  }
  return bucketsOf(counts, sums, rows);
}
