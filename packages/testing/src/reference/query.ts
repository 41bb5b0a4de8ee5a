import { isQianzhiError, throwIfCancelled, withinTime } from '@qianzhi/model';
import type { EachLimits, OpenQuery, QueryLimits, QueryRows, QuerySpec } from '@qianzhi/plugin-api';
import { createRowWriter } from '@qianzhi/rows';
import type { RowTexts } from '../connector/harness.js';
import { referenceErrors } from '../errors.js';
import { type MemoryServer, type MemoryTable, project, rowsInOrder } from './memory-server.js';

type Values = readonly (string | null)[];

/** Asks a table for the rows whose columns equal the values; a statement is `table by column`, or `table by column slowly`. */
export function openMemoryQuery(
  server: MemoryServer,
  tableOf: (name: string) => MemoryTable,
  { resource, parameters, place, timeoutMs }: QuerySpec,
): OpenQuery {
  const isLookup = place.kind === 'lookup';
  const [name, by, column, slowly] = isLookup
    ? [(place.source as { table: string }).table]
    : place.statement.split(' ');
  if (!isLookup && (by !== 'by' || ![undefined, 'slowly'].includes(slowly)))
    throw referenceErrors.NOT_SUPPORTED({ what: place.statement, known: 'table by column [slowly]' });
  const table = tableOf(name!);
  const inOrder = project(table, resource);
  const columns = isLookup ? parameters.map((item) => place.by[item.column]!) : [column!];
  const places = columns.map((wanted) => table.columns.findIndex((item) => item.column === wanted));
  let usable = true;

  function find(values: Values, { maxRows, maxBytes }: QueryLimits): QueryRows {
    const equals = (row: RowTexts) => places.every((at, n) => values[n] === null || row[at] === values[n]);
    const writer = createRowWriter(1024);
    let end = 0;
    let rows = 0;
    let stoppedBy: QueryRows['stoppedBy'];
    for (const row of rowsInOrder(table).filter((one) => equals(one.values))) {
      writer.begin('S');
      for (const value of inOrder(row.values)) writer.text(value);
      writer.end();
      if (rows === maxRows) stoppedBy = 'rows';
      else if (writer.bytes > maxBytes) stoppedBy = 'bytes';
      if (stoppedBy) break;
      end = writer.bytes;
      rows += 1;
    }
    return { bytes: writer.take().subarray(0, end), rows, stoppedBy, rejected: [] };
  }

  async function within<T>(work: () => T, signal: AbortSignal): Promise<T> {
    throwIfCancelled(signal, 'query');
    const timed = withinTime(timeoutMs, signal);
    server.asking += 1;
    try {
      if (slowly)
        await new Promise((resolve) => timed.signal.addEventListener('abort', resolve, { once: true }));
      throwIfCancelled(signal, 'query');
      if (timed.late) throw referenceErrors.QUERY_LATE({ timeoutMs });
      return work();
    } catch (error) {
      if (isQianzhiError(error)) usable = false;
      throw error;
    } finally {
      server.asking -= 1;
      timed.done();
    }
  }

  function findEach(sets: readonly Values[], limits: EachLimits): QueryRows[] {
    const found: QueryRows[] = [];
    let { maxRowsInAll, maxBytes } = limits;
    for (const values of sets) {
      const one = find(values, { maxRows: Math.min(limits.maxRows, maxRowsInAll), maxBytes });
      found.push(one);
      if (one.stoppedBy === 'bytes' || (one.stoppedBy && one.rows < limits.maxRows)) break;
      maxRowsInAll -= one.rows;
      maxBytes -= one.bytes.length;
    }
    return found;
  }

  return {
    get usable() {
      return usable;
    },
    run: (values, limits, signal) => within(() => find(values, limits), signal),
    runEach: (sets, limits, signal) => within(() => findEach(sets, limits), signal),
    async [Symbol.asyncDispose]() {},
  };
}
