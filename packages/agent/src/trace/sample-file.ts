import { createHash } from 'node:crypto';
import { basename, dirname, resolve } from 'node:path';
import {
  type CatalogItem,
  type CatalogResource,
  CELL_HASH_BYTES,
  cellHash,
  KEY_DIGEST_BYTES,
  keyItems,
  packTraceSample,
  type TraceSampleHead,
  traceRowBytes,
} from '@qianzhi/model';
import type { Connection, PluginContext, SourceSpec } from '@qianzhi/plugin-api';
import { createPluginHost, installationRoots } from '@qianzhi/plugin-host';
import { agentErrors } from '../errors.js';
import { fieldValue } from '../preview/row-values.js';

/** A found file as digests, to be compared with what was handed out. */
export interface FileSample {
  readonly head: TraceSampleHead;
  /** What travels. */
  readonly bytes: Uint8Array;
  /** Columns of the file that are no item of the resource. */
  readonly unknown: readonly string[];
  /** Rows that could not be read as the resource's. */
  readonly unreadable: number;
}

const MOST_ROWS = 50_000;
const MOST_BYTES = 12 * 1024 * 1024;
const BLOCK_BYTES = 1024 * 1024;

/**
 * Reads a table file (CSV, XLSX's first sheet, JSON Lines, Parquet) by the connector of files and digests what is to be compared: the
 * values stay here. Columns are found by item name or column; `resources`: those to choose from, the one that names most of the file's
 * columns is taken. Throws QZ_AGENT_TRACE_FILE where none does, and what the connector says.
 */
export async function sampleFile(
  file: string,
  resources: readonly CatalogResource[],
  context: PluginContext,
  signal: AbortSignal,
): Promise<FileSample> {
  const host = await createPluginHost({ roots: await installationRoots(import.meta.url), side: 'agent' });
  const { role } = await host.load('connector', 'files');
  const path = resolve(file);
  const folder = { path: dirname(path), readOnly: true };
  await using connection = await role.open(
    host.checkConfig(role.configSchema, folder, file),
    context,
    signal,
  );
  const table = basename(path);
  const [described] = await connection.discover({ table }, signal);
  const names = described?.columns.map(({ name }) => name) ?? [];
  const { resource, matched } = chooseResource(resources, names, file);
  const columns = Object.fromEntries(matched.map(({ item, name }) => [item.column, name]));
  const source = host.checkConfig(role.sourceSchema, { table, columns, complete: { quietSeconds: 0 } }, file);
  const items = matched.map(({ item }) => looseItem(item));
  const spec: SourceSpec = { resource: { ...resource, items }, strategy: 'snapshot', source };
  const keys = keyItems(resource).map(({ column }) => items.findIndex((item) => item.column === column));
  const sampler = createSampler(
    resource.code,
    items.map(({ column }) => column),
    keys.length > 0 && keys.every((at) => at >= 0) ? keys : undefined,
  );
  const unreadable = await readAll(connection, spec, sampler.add, signal);
  const known = new Set(Object.values(columns));
  return { ...sampler.end(), unknown: names.filter((name) => !known.has(name)), unreadable };
}

async function readAll(
  connection: Connection,
  spec: SourceSpec,
  add: (fields: readonly string[]) => void,
  signal: AbortSignal,
): Promise<number> {
  let unreadable = 0;
  await using source = await connection.source(spec, signal);
  for await (const block of source.read(undefined, { blockBytes: BLOCK_BYTES }, signal)) {
    if (block.kind !== 'rows') continue;
    unreadable += block.rejected.length;
    const lines = Buffer.from(block.bytes).toString('utf8').split('\n').slice(0, -1);
    for (const line of lines) add(line.split('\t').slice(1));
    block.release?.();
  }
  return unreadable;
}

interface Matched {
  readonly item: CatalogItem;
  readonly name: string;
}

function chooseResource(resources: readonly CatalogResource[], names: readonly string[], file: string) {
  let best: { resource: CatalogResource; matched: readonly Matched[] } | undefined;
  for (const resource of resources) {
    const matched = resource.items.flatMap((item): Matched[] => {
      const name = names.find((one) => one === item.name || one === item.column);
      return name === undefined ? [] : [{ item, name }];
    });
    if (matched.length > (best?.matched.length ?? 0)) best = { resource, matched };
  }
  if (best) return best;
  throw agentErrors.TRACE_FILE({ file, columns: names.join(', ') || '—' });
}

/** Of a value that was edited nothing is demanded: it is to be read, whatever it is. */
function looseItem({ name, column, type, scale, instant, allow }: CatalogItem): CatalogItem {
  return {
    name,
    column,
    type,
    ...(scale !== undefined && { scale, precision: 1000 }),
    ...(instant && { instant }),
    ...(allow && { allow: [...allow] }),
  };
}

/** Keeps rows spread evenly over a file of any length, in their order: every one, every second, every fourth … */
function createSampler(resource: string, columns: readonly string[], keys: readonly number[] | undefined) {
  const keyed = keys !== undefined;
  const size = traceRowBytes({ keyed, columns });
  const most = Math.max(2, Math.min(MOST_ROWS, Math.floor(MOST_BYTES / size)));
  let rows: Buffer[] = [];
  let stride = 1;
  let rowsInFile = 0;

  function digest(fields: readonly string[]): Buffer {
    const row = Buffer.alloc(size);
    let at = 0;
    if (keys) {
      const key = keys.map((field) => fields[field]).join('\t');
      createHash('sha256').update(key).digest().copy(row, 0, 0, KEY_DIGEST_BYTES);
      at = KEY_DIGEST_BYTES;
    }
    for (const field of fields) {
      row.writeUInt32BE(cellHash(fieldValue(field)), at);
      at += CELL_HASH_BYTES;
    }
    return row;
  }

  return {
    add(fields: readonly string[]) {
      if (rowsInFile++ % stride !== 0) return;
      rows.push(digest(fields));
      if (rows.length <= most) return;
      rows = rows.filter((_, index) => index % 2 === 0);
      stride *= 2;
    },
    end(): Pick<FileSample, 'head' | 'bytes'> {
      const head = { resource, columns: [...columns], keyed, rowsInFile, rows: rows.length };
      return { head, bytes: packTraceSample(head, Buffer.concat(rows)) };
    },
  };
}
