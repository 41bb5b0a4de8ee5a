import { createReadStream } from 'node:fs';
import { PLACE_BYTES, placeNumber } from '../deliver/trace-file.js';
import type { TraceCandidate, TraceEvidence } from '../requests-deliver.js';
import type { SampleView } from './sample-rows.js';

/** Fewer shared columns than this tell rows apart too badly where a file has no key. */
const LEAST_COLUMNS = 5;

/** Which rows of the sample the download has, and in which order: by key where there is one, else by content. */
export async function matchDownload(view: SampleView, candidate: TraceCandidate): Promise<TraceEvidence> {
  const { keyed } = candidate;
  const shared = candidate.columns.flatMap((column, index) => (column === null ? [] : [{ index, column }]));
  const places = new Array<number | undefined>(view.rows).fill(undefined);
  /** Rows that several records of the download are named like: nobody can tell at which of their places they stand. */
  const ambiguous = new Set<number>();
  const equal = candidate.columns.map(() => 0);
  let wholeRows = 0;
  let found = 0;

  const wanted = new Map<number, number[]>();
  const add = (name: number, row: number) => {
    const rows = wanted.get(name);
    if (rows) rows.push(row);
    else wanted.set(name, [row]);
  };
  const byContent = !keyed && shared.length >= LEAST_COLUMNS;
  for (let row = 0; row < view.rows && (keyed || byContent); row++) {
    if (keyed) add(view.placeOf(row)!, row);
    else
      add(
        contentName(({ index, column }) => view.checkOf(row, index, column), shared),
        row,
      );
  }

  if (candidate.traceFile === undefined) {
    for (const [place, rows] of keyed ? wanted : []) for (const row of rows) places[row] = place;
  } else if (wanted.size > 0) {
    let number = 0;
    for await (const { bytes, at } of records(candidate.traceFile, candidate.width)) {
      number++;
      const cells = at + PLACE_BYTES;
      const name = keyed
        ? placeNumber(bytes, at)
        : contentName(({ column }) => bytes[cells + column]!, shared);
      const rows = wanted.get(name);
      if (!rows) continue;
      for (const row of rows) {
        if (places[row] !== undefined) {
          ambiguous.add(row);
          continue;
        }
        places[row] = number;
        found++;
        let same = 0;
        for (const { index, column } of shared) {
          if (bytes[cells + column] !== view.checkOf(row, index, column)) continue;
          equal[index]!++;
          same++;
        }
        if (same === shared.length) wholeRows++;
      }
    }
  }
  for (const row of ambiguous) places[row] = undefined;
  const equalByColumn = candidate.columns.map((column, index) => (column === null ? null : equal[index]!));
  return { id: candidate.id, found, equal: wholeRows, equalByColumn, ...orderOf(places) };
}

type Shared = { readonly index: number; readonly column: number };

/** The checks of a row's shared columns as one number; different rows agree by chance about once in 2^53. */
function contentName(check: (one: Shared) => number, shared: readonly Shared[]): number {
  let high = 0x9747b28c;
  let low = 0x85ebca6b;
  for (const one of shared) {
    const byte = check(one);
    high = Math.imul(high ^ byte, 0x5bd1e995) ^ (high >>> 15);
    low = Math.imul(low ^ (byte + 0x9e37), 0x01000193) ^ (low >>> 13);
  }
  return (high >>> 11) * 4294967296 + (low >>> 0);
}

/** Neighbours are the rows found, one after the other; equal places are the same row twice and say nothing. */
function orderOf(places: readonly (number | undefined)[]) {
  let before: number | undefined;
  let inOrder = 0;
  let neighbours = 0;
  for (const place of places) {
    if (place === undefined) continue;
    if (before !== undefined && place !== before) {
      neighbours++;
      if (place > before) inOrder++;
    }
    before = place;
  }
  return { inOrder, neighbours };
}

async function* records(path: string, width: number) {
  const size = PLACE_BYTES + width;
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    const bytes: Buffer = rest.length > 0 ? Buffer.concat([rest, piece]) : (piece as Buffer);
    let at = 0;
    for (; at + size <= bytes.length; at += size) yield { bytes, at };
    rest = Buffer.from(bytes.subarray(at));
  }
}
