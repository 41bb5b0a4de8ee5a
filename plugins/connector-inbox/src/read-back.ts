import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfCancelled } from '@qianzhi/model';
import type { PluginContext, ReadBack, ReadBackSpec, RowsBlock } from '@qianzhi/plugin-api';
import { supplierOf } from '@qianzhi/sql-kit';
import { createReader } from './feed/read-change.js';
import { openStore } from './store/open-store.js';

const TAB = Buffer.from('\t');
const ABSENT = Buffer.from('\\N');
const END = Buffer.from('\n');
const SNAPSHOT = Buffer.from('S');

interface Held {
  readonly key: string;
  readonly shape: number;
  readonly sealed: Uint8Array;
}

/** The records of a supplier as they are, all of one moment; batches go on being applied meanwhile. */
export async function readBack(
  { exchange, resource, delivery }: ReadBackSpec,
  context: PluginContext,
): Promise<ReadBack> {
  const store = await openStore(exchange, context);
  const { db, seal } = store;
  const { columnsOf } = createReader(store);
  const held = db.prepare<[string], Held>(
    `SELECT key, shape, sealed FROM change JOIN supplier ON supplier.id = change.supplier
     WHERE supplier.name = ? AND current = 1 ORDER BY cursor`,
  );
  const wanted = resource.items.map(({ column }) => column);

  /** In the field order of the resource; what an earlier schema version did not have is absent. */
  function rowOf({ key, shape, sealed }: Held): Uint8Array {
    const text = Buffer.from(seal.unseal(key, sealed));
    const columns = columnsOf(shape).map(({ column }) => column);
    if (columns.join() === wanted.join()) return Buffer.concat([SNAPSHOT, TAB, text, END]);
    const fields = fieldsOf(text);
    const row = wanted.flatMap((column) => [TAB, fields[columns.indexOf(column)] ?? ABSENT]);
    return Buffer.concat([SNAPSHOT, ...row, END]);
  }

  function block(rows: readonly Uint8Array[], lastOfSnapshot: boolean): RowsBlock {
    const facts = { repeated: 0, rejected: [], checkpoint: '', lastOfSnapshot };
    return { kind: 'rows', phase: 'snapshot', bytes: Buffer.concat(rows), rows: rows.length, ...facts };
  }

  async function* read(blockBytes: number, signal: AbortSignal): AsyncGenerator<RowsBlock> {
    let rows: Uint8Array[] = [];
    let bytes = 0;
    const stored = store.read(() => held.iterate(supplierOf(delivery)));
    for (const row of stored) {
      const text = store.read(() => rowOf(row));
      rows.push(text);
      bytes += text.length;
      if (bytes < blockBytes) continue;
      yield block(rows, false);
      rows = [];
      bytes = 0;
      await nextTurn();
      throwIfCancelled(signal, exchange);
    }
    yield block(rows, true);
  }

  return {
    codes: {},
    source: {
      read: (_checkpoint, { blockBytes }, signal) => {
        throwIfCancelled(signal, exchange);
        return read(blockBytes, signal);
      },
      confirm: async () => undefined,
      notices: () => [],
      async [Symbol.asyncDispose]() {
        store.close();
      },
    },
  };
}

/** A TAB never stands inside a field. */
function fieldsOf(text: Buffer): readonly Uint8Array[] {
  const fields: Uint8Array[] = [];
  for (let start = 0; start <= text.length; ) {
    const tab = text.indexOf(9, start);
    const end = tab < 0 ? text.length : tab;
    fields.push(text.subarray(start, end));
    start = end + 1;
  }
  return fields;
}
