import { createHmac } from 'node:crypto';
import { cellCheck, cellHash } from '@qianzhi/model';
import type { OrderedRow } from './ordered-rows.js';

/** Bytes of a row's place; one byte for each column follows. */
export const PLACE_BYTES = 8;

/** The first 53 bits of a place, as a number that keeps the order. */
export function placeNumber(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * 2_097_152 + (bytes.readUInt32BE(at + 4) >>> 11);
}

/** The key of a download's cell checks. */
export function checkKey(seed: string): number {
  return createHmac('sha256', Buffer.from(seed, 'hex')).update('cells').digest().readUInt32BE(0);
}

/** What is kept of delivered rows, in their order: the place and a byte for each cell, no value. */
export function traceRecords(rows: readonly OrderedRow[], width: number, key: number): Uint8Array {
  const size = PLACE_BYTES + width;
  const bytes = Buffer.allocUnsafe(rows.length * size);
  rows.forEach(({ place, fields }, index) => {
    let at = index * size;
    bytes.writeUInt32BE(Number.parseInt(place.slice(0, 8), 16), at);
    bytes.writeUInt32BE(Number.parseInt(place.slice(8), 16), at + 4);
    at += PLACE_BYTES;
    for (let column = 0; column < width; column++) {
      bytes[at + column] = cellCheck(key, column, cellHash(fields[column] ?? null));
    }
  });
  return bytes;
}
