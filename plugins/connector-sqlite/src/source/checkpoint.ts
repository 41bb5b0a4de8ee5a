import type { Checkpoint } from '@qianzhi/plugin-api';
import { sqliteErrors } from '../errors.js';
import type { KeyPart } from './order.js';

/** A walk through the whole table. */
export interface SnapshotPlace {
  readonly phase: 'snapshot';
  /** Key of the last row read; undefined before the first. */
  readonly after?: readonly KeyPart[];
  /** Of the file when the walk began: a VACUUM since then moves rowids. */
  readonly schemaVersion: number;
  /** Watermark or serial taken before the first row, as JSON of its strategy; the increment starts there. */
  readonly mark?: unknown;
  readonly seen?: string;
}

export interface DonePlace {
  readonly phase: 'done';
}

/** An increment by time: rows from `mark` less the overlap up to `upTo`, of which those up to `after` are read. */
export interface WatermarkPlace {
  readonly phase: 'watermark';
  readonly mark: KeyPart;
  readonly upTo?: KeyPart;
  readonly after?: readonly KeyPart[];
  /** Digests of the rows inside the window, see window.ts. */
  readonly seen: string;
}

export interface SerialPlace {
  readonly phase: 'changes';
  readonly serial: string;
}

export type Place = SnapshotPlace | DonePlace | WatermarkPlace | SerialPlace;

const VERSION = 1;

export function checkpointOf(strategy: string, place: Place): Checkpoint {
  return JSON.stringify({ v: VERSION, strategy, ...place });
}

/** Throws QZ_SQLITE_CHECKPOINT_UNKNOWN for another strategy's, a later version's or a broken checkpoint. */
export function placeOf(
  checkpoint: Checkpoint | undefined,
  strategy: string,
  table: string,
  resource: string,
): Place | undefined {
  if (checkpoint === undefined) return undefined;
  let found: { v?: unknown; strategy?: unknown } & Place;
  try {
    found = JSON.parse(checkpoint);
  } catch (error) {
    throw sqliteErrors.CHECKPOINT_UNKNOWN({ table, strategy, resource }, error);
  }
  if (found.v !== VERSION || found.strategy !== strategy)
    throw sqliteErrors.CHECKPOINT_UNKNOWN({ table, strategy, resource });
  return found;
}
