import type { RowRejection } from '@qianzhi/plugin-api';
import { createRowWriter } from '@qianzhi/rows';
import type { SqlRow } from '../database/session.js';
import type { SqlColumn } from '../database/table.js';
import { MEASURES, type Projection } from './projection.js';
import { writeRow } from './write-row.js';

/** Rows of a change as they are now, gathered into a block. */
export interface ChangedRows {
  /** Written since the last `take`. */
  readonly bytes: number;
  /** `cells` are those of the row and behind them those of `keysOnly`, both as `selectList` has them. A row that is gone is a `D`. */
  write(gone: boolean, cells: SqlRow): void;
  take(): {
    readonly bytes: Uint8Array;
    readonly rows: number;
    readonly rejected: readonly RowRejection[];
  };
}

export function createChangedRows(projection: Projection, deletes: Projection): ChangedRows {
  const writer = createRowWriter();
  let rejected: RowRejection[] = [];
  const width = MEASURES + projection.items.filter(({ column }) => column).length;
  return {
    get bytes() {
      return writer.bytes;
    },
    write(gone, cells) {
      const row = writer.rows + rejected.length;
      const refused = gone
        ? writeRow(writer, 'D', cells, width, deletes, row)
        : writeRow(writer, 'U', cells, 0, projection, row);
      if (refused) rejected.push(refused);
    },
    take() {
      const { rows } = writer;
      const taken = { bytes: writer.take(), rows, rejected };
      rejected = [];
      return taken;
    },
  };
}

const NULL_FIELD = Buffer.from('\\N');

/** Key items out of the columns that a change has them in, every other item NULL. */
export function keysOnly(projection: Projection, changeColumn: (item: string) => SqlColumn): Projection {
  return {
    ...projection,
    items: projection.items.map((each) => {
      if (!each.item.key) return { ...each, column: undefined, constant: NULL_FIELD };
      return each.column ? { ...each, column: changeColumn(each.item.column) } : each;
    }),
  };
}
