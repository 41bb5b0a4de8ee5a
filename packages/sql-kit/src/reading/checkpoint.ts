import type { Checkpoint } from '@qianzhi/plugin-api';
import { sourceErrors } from '../errors/source-errors.js';
import type { Hole } from './holes.js';
import type { Key } from './order.js';

/** A walk through the whole table. */
export interface SnapshotPlace {
  readonly phase: 'snapshot';
  /** Key of the last row read; undefined before the first. */
  readonly after?: Key;
  /** Begun and not to be resumed: read in one piece. */
  readonly begun?: boolean;
  /** Where the source goes on after the last row. */
  readonly next: Place;
}

export interface DonePlace {
  readonly phase: 'done';
}

/** An increment by time: rows from `mark` less the overlap up to `upTo`, of which those up to `after` are read. */
export interface WatermarkPlace {
  readonly phase: 'watermark';
  /** Null: the table had no times. */
  readonly mark: string | null;
  readonly going?: { readonly upTo: string; readonly next: string | null; readonly after: Key };
  /** Digests of the rows inside the window, see window.ts. */
  readonly seen: string;
}

export interface SerialPlace {
  readonly phase: 'changes';
  readonly serial: string;
  readonly holes: readonly Hole[];
}

export type Place = SnapshotPlace | DonePlace | WatermarkPlace | SerialPlace;

const VERSION = 1;

export function checkpointOf(strategy: string, place: Place): Checkpoint {
  return JSON.stringify({ v: VERSION, strategy, ...place });
}

/** Throws CHECKPOINT_UNKNOWN (integrity) for another strategy's, a later version's or a broken checkpoint. */
export function placeOf(
  checkpoint: Checkpoint | undefined,
  about: { readonly strategy: string; readonly table: string; readonly resource: string },
): Place | undefined {
  if (checkpoint === undefined) return undefined;
  let found: { v?: unknown; strategy?: unknown } & Place;
  try {
    found = JSON.parse(checkpoint);
  } catch (error) {
    throw sourceErrors.CHECKPOINT_UNKNOWN({ ...about }, error);
  }
  if (found.v !== VERSION || found.strategy !== about.strategy)
    throw sourceErrors.CHECKPOINT_UNKNOWN({ ...about });
  return found;
}
