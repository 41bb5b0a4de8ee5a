import type { FeedRecord, RecordValues } from '@qianzhi/plugin-api';
import { readRows } from '@qianzhi/rows';
import type { Store } from '../store/open-store.js';

export interface StoredChange {
  readonly cursor: number;
  readonly op: FeedRecord['op'];
  readonly key: string | null;
  readonly shape: number | null;
  readonly sealed: Uint8Array | null;
  readonly seq: number;
  readonly at: string;
  readonly bytes: number;
}

export interface ShapeColumn {
  readonly column: string;
  readonly key?: boolean;
}

/** Makes records of what is stored: decrypted, and named by the columns of the schema version it came with. */
export function createReader({ db, seal }: Store) {
  const shapes = new Map<number, readonly ShapeColumn[]>();
  const select = db.prepare<[number], { columns: string }>('SELECT columns FROM shape WHERE id = ?');

  function columnsOf(shape: number): readonly ShapeColumn[] {
    const known = shapes.get(shape);
    if (known) return known;
    const columns = JSON.parse(select.get(shape)!.columns) as readonly ShapeColumn[];
    shapes.set(shape, columns);
    return columns;
  }

  function recordOf({ op, key, shape, sealed, seq, at }: StoredChange, cursor: string): FeedRecord {
    const facts = { cursor, op, deliverySeq: seq, at };
    if (key === null || shape === null || sealed === null) return { ...facts, key: {}, values: {} };
    const columns = columnsOf(shape);
    const fields = fieldsOf(seal.unseal(key, sealed));
    const pick = (wanted: (column: ShapeColumn) => boolean): RecordValues =>
      Object.fromEntries(columns.flatMap((one, n) => (wanted(one) ? [[one.column, fields[n] ?? null]] : [])));
    return {
      ...facts,
      key: pick((one) => one.key === true),
      values: op === 'upsert' ? pick(() => true) : {},
    };
  }

  return { columnsOf, recordOf };
}

function fieldsOf(text: Uint8Array): readonly (string | null)[] {
  let found: readonly (string | null)[] = [];
  readRows(Buffer.concat([Buffer.from('S\t'), text, Buffer.from('\n')]), (_op, fields) => {
    found = fields;
  });
  return found;
}
