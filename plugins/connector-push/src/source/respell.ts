import type { LoggedRow, PushLog } from '../log/push-log.js';

/**
 * Rows of the log as the current columns have them: a row pushed under an earlier schema version keeps its values by column; an item
 * it did not know is null. What no longer fits is for the row path to refuse.
 */
export function createRespelling(log: PushLog, columns: readonly string[], version: number) {
  const places = new Map<number, readonly (number | undefined)[]>();

  function placesOf(earlier: number): readonly (number | undefined)[] {
    let found = places.get(earlier);
    if (!found) {
      const before = log.columnsOf(earlier);
      found = columns.map((column) => {
        const at = before.indexOf(column);
        return at < 0 ? undefined : at + 1;
      });
      places.set(earlier, found);
    }
    return found;
  }

  return ({ version: own, row }: LoggedRow): Uint8Array => {
    if (own === version) return row;
    // TAB and LF never stand in a field
    const fields = Buffer.from(row).toString('utf8').slice(0, -1).split('\t');
    const values = placesOf(own).map((at) => (at === undefined ? '\\N' : fields[at]!));
    return Buffer.from(`${fields[0]}\t${values.join('\t')}\n`);
  };
}
