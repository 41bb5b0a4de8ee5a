import type { CaptureObjectState, CapturePlan } from '@qianzhi/plugin-api';
import { ownNameWithin } from '../own-name.js';

/** One object that capture consists of. */
export interface CaptureObject {
  readonly kind: CaptureObjectState['kind'];
  readonly name: string;
  readonly zh: string;
  readonly en: string;
  /** Made by these, in order. */
  readonly create: readonly string[];
  readonly drop: string;
}

/** How capture of one table is made. A function of the table as it is now: opens nothing. */
export interface CaptureDesign {
  /** As statements name it. */
  readonly table: string;
  /** The change table first; each needs those before it. */
  readonly objects: readonly CaptureObject[];
  /** Writes a change of op `T`. */
  readonly mark: string;
  readonly changeTable: Readonly<Record<string, unknown>>;
  readonly notes: CapturePlan['notes'];
  readonly terminator: string;
  /** Of functions and triggers by name: what the database says of each while nobody changed it. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Names of what is made for a table; `bytes` is what the database allows. */
export function captureNames(bytes: number, ...place: readonly string[]) {
  const name = (purpose: string) => ownNameWithin(bytes, purpose, ...place);
  return {
    log: name('log'),
    insert: name('ins'),
    update: name('upd'),
    remove: name('del'),
    truncate: name('trn'),
    code: name('fun'),
  };
}
export type CaptureNames = ReturnType<typeof captureNames>;

/** Columns of a change table of ours; those of the key follow under their own names. */
export const CAPTURE_SERIAL = 'qz_serial';
export const CAPTURE_OP = 'qz_op';

/** The source's part of the config that reads it. */
export function captureSettings(log: string, place: Readonly<Record<string, string>>) {
  return { ...place, table: log, serial: CAPTURE_SERIAL, op: CAPTURE_OP };
}

/**
 * Where serials of a new change table begin: behind those of any that was there before, whose reader would otherwise wait for serials
 * that have long passed.
 */
export function firstSerial(now: Date): string {
  return String(now.getTime());
}
