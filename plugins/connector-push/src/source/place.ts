import { checkShape } from '@qianzhi/model';
import { type Static, Type } from '@qianzhi/model/schema';
import type { Checkpoint } from '@qianzhi/plugin-api';
import { pushErrors } from '../errors.js';

/**
 * Where a source is: behind change `seq`; or, while `copied` is there, in a whole copy that holds everything up to `seq`, behind the
 * record of that key (null: before the first).
 */
const PlaceSchema = Type.Object(
  {
    v: Type.Literal(1),
    push: Type.String(),
    seq: Type.Integer({ minimum: 0 }),
    copied: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  },
  { additionalProperties: false },
);
export type Place = Static<typeof PlaceSchema>;

export function checkpointOf(place: Place): Checkpoint {
  return JSON.stringify(place);
}

/** Throws QZ_PUSH_CHECKPOINT_WRONG for one of another source. */
export function placeOf(checkpoint: Checkpoint, resource: string): Place {
  try {
    return checkShape(PlaceSchema, JSON.parse(checkpoint), 'checkpoint');
  } catch (cause) {
    throw pushErrors.CHECKPOINT_WRONG({ resource }, cause);
  }
}

/** Whether a read that came to the place has given everything up to change `seq`. */
export function isPast(place: Place, seq: number): boolean {
  return place.copied === undefined && place.seq >= seq;
}
