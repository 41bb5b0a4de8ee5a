import { join } from 'node:path';
import type { Workspace } from '../jobs/workspace.js';
import type { DeliverSpec } from '../protocol.js';
import { syncFolder } from '../publish.js';
import type { DeliverResult } from '../requests-deliver.js';
import { csvSpeller } from './csv.js';
import type { Gathered } from './gather-rows.js';
import { jsonLinesSpeller } from './json-lines.js';
import type { OrderedCounts } from './keyed-order.js';
import { type OrderedRow, orderedRows } from './ordered-rows.js';
import { createOutputFile, type OutputFile } from './output-file.js';
import { writeParquet } from './parquet.js';
import { type GatheredNotes, headerOf, type RowSpeller, type SpellerOptions } from './spellers.js';
import { checkKey, traceRecords } from './trace-file.js';
import { writeXlsx } from './xlsx.js';

const TRACE_FILE = 'rows.trace';

/** Writes the delivered file and its trace file into `out`, both fsynced. */
export async function encodeRows(
  workspace: Workspace,
  { items }: Gathered,
  counts: OrderedCounts,
  spec: DeliverSpec,
): Promise<DeliverResult> {
  const name = `${spec.name}.${spec.format}`;
  const notes: GatheredNotes = { neutralised: {}, privateUse: 0, asText: new Set() };
  const { changes, encoding } = spec;
  const options: SpellerOptions = { items, header: headerOf(items, spec), changes, encoding, notes };
  const data = await createOutputFile(join('out', name));
  const trace = await createOutputFile(join('out', TRACE_FILE));
  try {
    const rows = traced(workspace, counts.rows, items.length, checkKey(spec.seed), trace);
    if (spec.format === 'xlsx') await writeXlsx(rows, counts.rows, options, data);
    else if (spec.format === 'parquet') {
      for await (const _ of rows);
      await writeParquet(workspace, options, data);
    } else
      await writeRows(rows, spec.format === 'csv' ? csvSpeller(options) : jsonLinesSpeller(options), data);
    await trace.end();
    const { bytes, digest } = await data.end();
    await syncFolder('out');
    const { neutralised, privateUse, asText, sheets } = notes;
    const told = {
      neutralised,
      privateUse,
      asText: [...asText].sort(),
      ...(sheets !== undefined && { sheets }),
    };
    return { file: name, bytes, digest, ...counts, notes: told, traceFile: TRACE_FILE };
  } finally {
    await data.close();
    await trace.close();
  }
}

async function writeRows(
  rows: AsyncIterable<readonly OrderedRow[]>,
  speller: RowSpeller,
  file: OutputFile,
): Promise<void> {
  await file.write(speller.begin());
  for await (const some of rows) await file.write(speller.rows(some));
}

/** The rows as they pass to the format, recorded on the way. */
async function* traced(
  { tellProgress }: Workspace,
  total: number,
  width: number,
  key: number,
  trace: OutputFile,
): AsyncGenerator<readonly OrderedRow[], void, undefined> {
  let done = 0;
  for await (const rows of orderedRows()) {
    await trace.write(traceRecords(rows, width, key));
    yield rows;
    done += rows.length;
    tellProgress(0.5 + (0.5 * done) / total);
  }
}
