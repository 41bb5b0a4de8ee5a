import { hasShape } from '@qianzhi/model';
import { type Static, Type } from '@qianzhi/model/schema';
import type { Checkpoint } from '@qianzhi/plugin-api';
import { filesErrors } from '../errors.js';

/** A file that was read to its end and still waits in the folder, or did when this was written. */
const ReadFileSchema = Type.Object({
  /** Number under which it is put aside: files are numbered in the order in which they are read. */
  n: Type.Integer({ minimum: 1 }),
  name: Type.String(),
  identity: Type.String(),
  digest: Type.String(),
  /** It went together with all others, which is not told: see `absentFiles`. */
  unsure: Type.Optional(Type.Literal(true)),
});
export type ReadFile = Static<typeof ReadFileSchema>;

/** The file that is being read. */
const HereSchema = Type.Object({
  n: Type.Integer({ minimum: 1 }),
  name: Type.String(),
  /** It was put aside before: a new full copy reads it again. */
  done: Type.Boolean(),
  identity: Type.String(),
  digest: Type.String(),
  phase: Type.Union([Type.Literal('snapshot'), Type.Literal('delta')]),
  offset: Type.Integer({ minimum: 0 }),
  skip: Type.Integer({ minimum: 0 }),
  line: Type.Integer({ minimum: 1 }),
});
export type Here = Static<typeof HereSchema>;

const StateSchema = Type.Object({
  v: Type.Literal(1),
  strategy: Type.String(),
  /** The first full copy is under way or done: what comes now are changes, or another full copy. */
  begun: Type.Boolean(),
  /** Number of the next file. */
  next: Type.Integer({ minimum: 1 }),
  read: Type.Array(ReadFileSchema),
  /** Files put aside before that are read again for a new full copy: numbers behind `after`, up to `until`. */
  again: Type.Optional(Type.Object({ after: Type.Integer(), until: Type.Integer() })),
  here: Type.Optional(HereSchema),
  /** The full copy read last: what comes before it in the order of files is in it already. */
  full: Type.Optional(Type.Object({ name: Type.String(), modified: Type.String() })),
});
/** Where a source is, between blocks. */
export type State = Static<typeof StateSchema>;

/** So many files of a folder are remembered one by one. */
export const MOST_FILES = 10_000;

export function checkpointOf(state: State): Checkpoint {
  return JSON.stringify(state);
}

/** Throws QZ_FILES_CHECKPOINT_UNKNOWN for another strategy's, a later version's or a broken checkpoint. */
export function stateOf(checkpoint: Checkpoint | undefined, strategy: string, resource: string): State {
  if (checkpoint === undefined) return { v: 1, strategy, begun: false, next: 1, read: [] };
  let found: unknown;
  try {
    found = JSON.parse(checkpoint);
  } catch (error) {
    throw filesErrors.CHECKPOINT_UNKNOWN({ strategy, resource }, error);
  }
  if (hasShape(StateSchema, found) && found.strategy === strategy) return found;
  throw filesErrors.CHECKPOINT_UNKNOWN({ strategy, resource });
}
