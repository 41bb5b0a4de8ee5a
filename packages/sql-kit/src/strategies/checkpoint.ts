import type { Checkpoint } from '@qianzhi/plugin-api';
import type { Holes } from './holes.js';
import type { WalkedTable } from './walked-table.js';

/** Values of order columns as the database prints them; null is NULL. */
export type PlaceKey = readonly (string | null)[];

/** A walk through the whole table. */
export interface SnapshotPlace {
  readonly phase: 'snapshot';
  /** Order columns when the walk began; empty for one that cannot go on. */
  readonly order: readonly string[];
  /** Key of the last row read; undefined before the first. */
  readonly after?: PlaceKey;
  /** Taken before the first row: where the increment starts. */
  readonly then?: WatermarkPlace | SerialPlace | FlagPlace | LogPlace;
}

export interface DonePlace {
  readonly phase: 'done';
}

/** What both clocks said at once: a step back of the database's shows when they drift apart. */
export interface Clocks {
  readonly databaseMs: number;
  readonly agentMs: number;
}

/** An increment by time: rows from `mark` less the overlap up to `upTo`, of which those up to `after` are read. */
export interface WatermarkPlace {
  readonly phase: 'watermark';
  /** As the database prints the column; null before the first time. */
  readonly mark: string | null;
  readonly clocks: Clocks;
  /** Only while an increment is being read: its end, and what the place behind it will be. */
  readonly going?: { readonly upTo: string; readonly next: string | null; readonly keepFrom: string | null };
  readonly after?: PlaceKey;
  /** Digests of the rows inside the window, see Window; and up to which time there are any. */
  readonly seen: string;
  readonly seenTo: string | null;
}

/** Changes up to `serial` are read, except those in the holes that may still be committed. */
export interface SerialPlace {
  readonly phase: 'changes';
  readonly serial: string;
  readonly holes: Holes;
}

/** Pending rows up to the `at`-th block of the source that is known by `nonce`. */
export interface FlagPlace {
  readonly phase: 'flag';
  readonly nonce: string;
  readonly at: number;
  /** Digests of rows that were carried and are not known to be done, and where they lie: another source goes by these. */
  readonly seen: string;
  readonly ranges: readonly { readonly after?: PlaceKey | undefined; readonly upTo: PlaceKey }[];
}

/** Everything that the database's own log has before `position` is read. */
export interface LogPlace {
  readonly phase: 'log';
  readonly position: string;
  /** What the log is of, in the connector's words: a position of another one means nothing. */
  readonly of: string;
}

export type Place = SnapshotPlace | DonePlace | WatermarkPlace | SerialPlace | FlagPlace | LogPlace;

const VERSION = 1;

/** What each phase cannot do without: earlier checkpoints of this version had other fields in some connectors. */
const needed: Readonly<Record<Place['phase'], readonly string[]>> = {
  snapshot: ['order'],
  done: [],
  watermark: ['mark', 'clocks', 'seen', 'seenTo'],
  changes: ['serial', 'holes'],
  flag: ['nonce', 'at', 'seen', 'ranges'],
  log: ['position', 'of'],
};

export function checkpointOf(strategy: string, place: Place): Checkpoint {
  return JSON.stringify({ v: VERSION, strategy, ...place });
}

/** Throws CHECKPOINT_UNKNOWN, which leads to a new snapshot, for another strategy's, another form's or a broken checkpoint. */
export function placeOf(
  checkpoint: Checkpoint | undefined,
  { strategy, table, resource, errors }: Pick<WalkedTable, 'strategy' | 'table' | 'resource' | 'errors'>,
): Place | undefined {
  if (checkpoint === undefined) return undefined;
  const unknown = (cause?: unknown) =>
    errors.CHECKPOINT_UNKNOWN({ table: table.name, strategy, resource }, cause);
  let found: ({ v?: unknown; strategy?: unknown } & Place) | null;
  try {
    found = JSON.parse(checkpoint);
  } catch (error) {
    throw unknown(error);
  }
  if (found?.v !== VERSION || found.strategy !== strategy || !isPlace(found)) throw unknown();
  return found;
}

function isPlace(found: Place): boolean {
  if (!Object.hasOwn(needed, found.phase)) return false;
  if (!needed[found.phase].every((field) => Object.hasOwn(found, field))) return false;
  if (found.phase === 'snapshot') return found.then === undefined || isPlace(found.then);
  return found.phase !== 'changes' || found.holes.every((hole) => Object.hasOwn(hole, 'before'));
}

/** The place in the log that a checkpoint of strategy `log` needs; undefined for one that needs none, or is of another form. */
export function logPlaceIn(checkpoint: Checkpoint): LogPlace | undefined {
  const found = JSON.parse(checkpoint) as ({ v?: unknown } & Place) | null;
  if (found?.v !== VERSION || !isPlace(found)) return undefined;
  const place = found.phase === 'snapshot' ? found.then : found;
  return place?.phase === 'log' ? place : undefined;
}
