import type { Store } from './store.js';

/** From this length on a checkpoint lies apart: longer than any place in a table, with the longest key, that is asked for after its receipt. */
const LONG = 16 * 1024;
/** How many a resource's rows name at a time, about: its place, what is committed and confirmed, batches under way. */
const MOST_KNOWN = 8;

/**
 * Long checkpoints (a folder's says of each file that it was read), each written once: three columns of the stream and one of every
 * batch name the same ones, and their rows are changed many times a batch. In the column stands U+0001 and a number.
 */
export interface LongCheckpoints {
  /** What goes into a column of the resource's rows. To be called in a transaction. */
  keep(resource: string, checkpoint: string | null): string | null;
  /** What such a column says. */
  read(resource: string, column: string | null): string | null;
  /** Forgets those of the resource that no row names any more. */
  sweep(resource: string): void;
}

/** Whether an SQL expression is the number of a long one. */
export const isLong = (column: string) => `substr(${column}, 1, 1) = char(1)`;

const NUMBER = `CAST(substr(?, 2) AS INTEGER)`;

export function longCheckpoints({ db, undone }: Store): LongCheckpoints {
  const insert = db.prepare('INSERT INTO long_checkpoint (resource, text) VALUES (?, ?)');
  const one = db.prepare<[string], string>(`SELECT text FROM long_checkpoint WHERE n = ${NUMBER}`).pluck();
  const unnamed = db
    .prepare<{ resource: string }, string>(
      `SELECT char(1) || n AS name FROM long_checkpoint WHERE resource = @resource
       AND NOT EXISTS (SELECT 1 FROM stream WHERE resource = @resource AND name IN (checkpoint, committed, confirmed))
       AND NOT EXISTS (SELECT 1 FROM batch WHERE resource = @resource AND checkpoint = name AND ${isLong('checkpoint')})`,
    )
    .pluck();
  const remove = db.prepare(`DELETE FROM long_checkpoint WHERE n = ${NUMBER}`);
  /** By resource: the newest, by what stands for them. */
  const known = new Map<string, Map<string, string>>();
  let knownSince = undone();

  function knownOf(resource: string): Map<string, string> {
    if (knownSince !== undone()) known.clear();
    knownSince = undone();
    const found = known.get(resource) ?? new Map<string, string>();
    known.set(resource, found);
    return found;
  }

  function remember(resource: string, column: string, text: string): void {
    const texts = knownOf(resource);
    texts.set(column, text);
    for (const oldest of texts.keys()) {
      if (texts.size <= MOST_KNOWN) return;
      texts.delete(oldest);
    }
  }

  return {
    keep(resource, checkpoint) {
      if (checkpoint === null || (checkpoint.length < LONG && checkpoint[0] !== '\u0001')) return checkpoint;
      for (const [column, text] of knownOf(resource)) if (text === checkpoint) return column;
      const column = `\u0001${insert.run(resource, checkpoint).lastInsertRowid}`;
      remember(resource, column, checkpoint);
      return column;
    },
    read(resource, column) {
      if (column?.[0] !== '\u0001') return column;
      const text = knownOf(resource).get(column) ?? one.get(column);
      // never as if there were none: reading would begin anew, and nobody would be told
      if (text === undefined)
        throw new TypeError(`state.db lacks checkpoint ${column.slice(1)} of ${resource}`);
      remember(resource, column, text);
      return text;
    },
    sweep(resource) {
      for (const column of unnamed.all({ resource })) {
        remove.run(column);
        knownOf(resource).delete(column);
      }
    },
  };
}
