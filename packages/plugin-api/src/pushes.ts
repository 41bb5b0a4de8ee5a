import type { LocalText } from '@qianzhi/model';
import type { Checkpoint } from './source.js';

/**
 * What a business system hands over at once. `text` is JSON: of `upsert` one record, `{"<column>": value}`; of `delete` the key items
 * of one record; of `lines` one `{"upsert": record}` or `{"delete": key}` a line. A number may be as exact as its item is: it is
 * never read as a double.
 */
export interface PushRequest {
  readonly form: 'upsert' | 'delete' | 'lines';
  readonly text: string;
  /** Who pushes: the same `idempotencyKey` of another system is another one. */
  readonly system: string;
  readonly idempotencyKey: string | undefined;
}

/** A record that was not taken: which of the request (from 1), the item at fault (`*`: as a whole) and why; never a value. */
export interface RefusedRecord {
  readonly record: number;
  readonly item: string;
  readonly reason: string;
  readonly text: LocalText;
}

export interface PushAnswer {
  readonly id: string;
  readonly resource: string;
  readonly schemaVersion: number;
  readonly at: string;
  /** How many records were given: `accepted` of them lie in the log, the others are `refused`. */
  readonly records: number;
  readonly accepted: number;
  readonly refused: readonly RefusedRecord[];
  /** This is the answer to an earlier request of the same key and content; nothing was done now. */
  readonly repeated: boolean;
}

/** How far what was pushed has come. */
export interface PushPlace extends Omit<PushAnswer, 'repeated'> {
  /** The source was told of its receipt. */
  readonly confirmed: boolean;
  /** Whether a read that came to `checkpoint` has given any of it, and whether it has given all of it. */
  readonly begun: (checkpoint: Checkpoint) => boolean;
  readonly within: (checkpoint: Checkpoint) => boolean;
}

export interface PushFacts {
  /** Changes without receipt, and their bytes. */
  readonly waiting: number;
  readonly waitingBytes: number;
  readonly limitBytes: number;
  /** Records as they are now. */
  readonly records: number;
}

/** Where business systems push records of one resource, which a source of the same spec reads. */
export interface OpenPushes extends AsyncDisposable {
  /**
   * Judges each record by the catalog and takes the good ones: they are on the disk, in this order and all of them, before it
   * resolves, and none of them where it throws. The same key and content again gives the same answer, over restarts, as long as
   * answers are kept. Throws coded errors: conflict for a key that came with other content, unavailable where there is no room.
   */
  push(request: PushRequest): Promise<PushAnswer>;
  /** Undefined for a push that is unknown, of another system or no longer kept. */
  show(id: string, system: string): PushPlace | undefined;
  facts(): PushFacts;
}
