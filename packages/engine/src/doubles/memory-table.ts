import { type ApplyCounts, deliveryName, noCounts } from '@qianzhi/model';
import type {
  Connection,
  LedgerRow,
  RowRejection,
  RowsBlock,
  Sink,
  SinkBatch,
  Source,
  SourceSpec,
} from '@qianzhi/plugin-api';
import { createRowWriter, decodeRows } from '@qianzhi/rows';
import { withParts } from './memory-parts.js';

type Row = readonly (string | null)[];

/** Test double: a table in memory that is read as snapshot and then by its log of changes, and written with a ledger. */
export interface MemoryTable {
  readonly rows: Map<string, Row>;
  readonly log: { readonly op: 'U' | 'D'; readonly row: Row }[];
  put(...row: readonly (string | null)[]): void;
  remove(key: string): void;
  readonly confirmed: string[];
  readonly ledger: Map<string, LedgerRow[]>;
  staged: Map<string, { id: string; rows: Map<string, Row>; delivered: number; rejected: number }>;
  /** Rows the table refuses, by their second value. */
  refuse: string | undefined;
  blockRows: number;
  /** Called before each block is given. */
  beforeBlock?: (index: number) => Promise<void> | void;
  sourceError?: () => Error | undefined;
  /** Called before each write: it may fail, or take its time. */
  writeError?: (batch: SinkBatch) => Error | undefined | Promise<Error | undefined>;
  writes: number;
  /** Parts of a snapshot are loaded side by side. */
  sideBySide: boolean;
  /** Called when a part is loaded ahead: it may fail, or take its time. */
  loadError?: (batch: SinkBatch) => Error | undefined | Promise<Error | undefined>;
  /** What became of parts that were loaded ahead: `load SEQ`, then `commit SEQ` or `back SEQ`. */
  readonly ahead: string[];
  maxRowsPerRead: number;
  restartNext: boolean;
  onConfirm?: (checkpoint: string) => void;
}

export function createMemoryTable(): MemoryTable {
  const table: MemoryTable = {
    rows: new Map(),
    log: [],
    confirmed: [],
    ledger: new Map(),
    staged: new Map(),
    refuse: undefined,
    blockRows: 2,
    writes: 0,
    sideBySide: false,
    ahead: [],
    maxRowsPerRead: Number.POSITIVE_INFINITY,
    restartNext: false,
    put(...row) {
      table.rows.set(row[0]!, row);
      table.log.push({ op: 'U', row });
    },
    remove(key) {
      const row = table.rows.get(key);
      table.rows.delete(key);
      table.log.push({ op: 'D', row: [key, ...(row ?? []).slice(1).map(() => null)] });
    },
  };
  return table;
}

interface At {
  readonly phase: 'snapshot' | 'delta';
  readonly position: number;
  readonly log: number;
}

function createSource(table: MemoryTable, { strategy }: SourceSpec): Source {
  const block = (
    phase: 'snapshot' | 'delta',
    rows: readonly { op: 'S' | 'U' | 'D'; row: Row }[],
    checkpoint: At,
    more: Partial<RowsBlock>,
  ): RowsBlock => {
    const writer = createRowWriter(1024);
    for (const { op, row } of rows) {
      writer.begin(op);
      for (const value of row) writer.text(value);
      writer.end();
    }
    return {
      kind: 'rows',
      phase,
      bytes: writer.take(),
      rows: rows.length,
      repeated: 0,
      rejected: [],
      checkpoint: JSON.stringify(checkpoint),
      ...more,
    };
  };
  return {
    async *read(checkpoint, _limits, signal) {
      let at: At = checkpoint
        ? (JSON.parse(checkpoint) as At)
        : { phase: 'snapshot', position: 0, log: table.log.length };
      let restart = table.restartNext;
      if (restart) at = { phase: 'snapshot', position: 0, log: table.log.length };
      table.restartNext = false;
      let index = 0;
      if (at.phase === 'snapshot') {
        const all = [...table.rows.values()].sort((a, b) => (a[0]! < b[0]! ? -1 : 1));
        for (;;) {
          signal.throwIfAborted();
          await table.beforeBlock?.(index++);
          const part = all.slice(at.position, at.position + table.blockRows);
          const position: number = at.position + part.length;
          const last = position >= all.length;
          at = last ? { phase: 'delta', position: 0, log: at.log } : { ...at, position };
          yield block(
            'snapshot',
            part.map((row) => ({ op: 'S' as const, row })),
            at,
            { lastOfSnapshot: last, restart },
          );
          restart = false;
          if (last) break;
        }
      }
      while (strategy !== 'snapshot' && at.log < table.log.length) {
        signal.throwIfAborted();
        await table.beforeBlock?.(index++);
        const part = table.log.slice(at.log, at.log + table.blockRows);
        at = { ...at, log: at.log + part.length };
        yield block('delta', part, at, {});
      }
    },
    async confirm(checkpoint) {
      table.onConfirm?.(checkpoint);
      table.confirmed.push(checkpoint);
    },
    notices: () => [],
    async [Symbol.asyncDispose]() {},
  };
}

function createSink(table: MemoryTable, exchange: string): Sink {
  const ledger = (name: string) => table.ledger.get(name) ?? [];
  return {
    async ledgerHead(delivery) {
      return ledger(deliveryName(delivery)).at(-1);
    },
    async ledgerAfter(delivery, seq, limit) {
      return ledger(deliveryName(delivery))
        .filter((row) => row.seq > seq)
        .slice(0, limit);
    },
    async discardStaged(delivery) {
      const name = deliveryName(delivery);
      table.staged.delete(name);
      table.ledger.set(
        name,
        ledger(name).filter((row) => row.stage !== 'staged'),
      );
    },
    async write(batch, onRejected, signal) {
      const failure = await table.writeError?.(batch);
      if (failure) throw failure;
      const name = deliveryName(batch.delivery);
      const known = ledger(name).find((row) => row.seq === batch.seq);
      if (known) return known;
      const rows = [...decodeRows(batch.bytes)];
      const bad = rows.filter((row) => table.refuse !== undefined && row.fields[1] === table.refuse);
      if (bad.length > 0) {
        const refused: RowRejection[] = bad.map((row) => ({
          row: rows.indexOf(row),
          op: row.op,
          item: 'name',
          reason: 'constraint',
          bytes: Buffer.from(`${row.op}\t${row.fields.join('\t')}\n`),
        }));
        await onRejected(refused, signal);
      }
      table.writes++;
      const good = rows.filter((row) => !bad.includes(row));
      const commit = (stage: LedgerRow['stage'], counts: ApplyCounts): LedgerRow => {
        const row: LedgerRow = {
          exchange,
          delivery: batch.delivery,
          seq: batch.seq,
          rowsDigest: batch.rowsDigest,
          stage,
          snapshotId: stage === 'staged' ? batch.snapshot!.id : null,
          counts,
          committedAt: new Date().toISOString(),
        };
        table.ledger.set(name, [...ledger(name), row]);
        return row;
      };
      const counts = { ...noCounts, delivered: batch.rows, rejected: bad.length };
      if (batch.kind === 'snapshot') {
        const { id, last } = batch.snapshot!;
        const open = table.staged.get(name);
        const staged =
          open?.id === id ? open : { id, rows: new Map<string, Row>(), delivered: 0, rejected: 0 };
        for (const row of good) staged.rows.set(row.fields[0]!, row.fields);
        staged.delivered += batch.rows;
        staged.rejected += bad.length;
        table.staged.set(name, staged);
        if (!last) return commit('staged', counts);
        const whole = { ...noCounts, delivered: staged.delivered, rejected: staged.rejected };
        for (const [key, row] of staged.rows) whole[put(table, key, row)]++;
        for (const key of [...table.rows.keys()]) if (!staged.rows.has(key)) table.rows.delete(key);
        table.staged.delete(name);
        return commit('applied', whole);
      }
      for (const { op, fields } of good) {
        const key = fields[0]!;
        if (op === 'D') counts[table.rows.delete(key) ? 'deleted' : 'unchanged']++;
        else counts[put(table, key, fields)]++;
      }
      return commit('applied', counts);
    },
    async [Symbol.asyncDispose]() {},
  };
}

function put(table: MemoryTable, key: string, row: Row): 'inserted' | 'updated' | 'unchanged' {
  const held = table.rows.get(key);
  table.rows.set(key, row);
  if (!held) return 'inserted';
  return JSON.stringify(held) === JSON.stringify(row) ? 'unchanged' : 'updated';
}

export function memoryConnection(table: MemoryTable): Connection {
  return {
    async check() {
      return { server: 'memory', version: '1', notes: [] };
    },
    async discover() {
      return [];
    },
    async source(spec) {
      const failure = table.sourceError?.();
      if (failure) throw failure;
      return createSource(table, spec);
    },
    async sink(spec) {
      const sink = createSink(table, spec.exchange);
      return table.sideBySide ? withParts(sink, table) : sink;
    },
    async [Symbol.asyncDispose]() {},
  };
}
