import { join } from 'node:path';
import { checkShape, isQianzhiError, throwIfCancelled } from '@qianzhi/model';
import type { PluginContext, Source, SourceShape, SourceSpec } from '@qianzhi/plugin-api';
import { formatOf as zoneFormat } from '@qianzhi/sql-kit';
import { type FilesConfig, type FilesSource, SourceSchema } from '../config.js';
import { filesErrors } from '../errors.js';
import { classify } from '../folder/classify.js';
import { describedColumns } from '../folder/description.js';
import { listFiles } from '../folder/list.js';
import { openProven, openTable } from '../formats/open-table.js';
import type { FileColumn } from '../formats/table-file.js';
import { stateOf } from './checkpoint.js';
import { putAside } from './confirm.js';
import { projectFile } from './projection.js';
import { readFiles } from './read-files.js';
import type { Reading } from './reading.js';

/** Opens a source; what can be wrong with config, folder and the newest file is found here. */
export async function openSource(
  config: FilesConfig,
  spec: SourceSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<Source> {
  const reading = readingOf(config, spec, context, signal);
  const { folder, resource, strategy } = reading;
  const shape = await newestShape(reading, signal);
  return {
    ...(shape && { shape }),
    async *read(checkpoint, limits, signal) {
      try {
        yield* readFiles(reading, checkpoint, limits, signal);
      } catch (error) {
        throw isQianzhiError(error) ? error : classify(error, 'read', folder);
      }
    },
    confirm: (checkpoint, signal, held) =>
      putAside(reading, stateOf(checkpoint, strategy, resource.code), signal, held),
    notices: () => [...reading.notices.values()],
    async [Symbol.asyncDispose]() {},
  };
}

/** Everything about a source that can be said from its config alone. */
export function readingOf(
  config: FilesConfig,
  { resource, strategy, source }: SourceSpec,
  context: PluginContext,
  signal: AbortSignal,
): Reading {
  throwIfCancelled(signal, 'open a source');
  const { table, pattern = table, ...rest } = checkShape(SourceSchema, structuredClone(source), 'source');
  if (pattern === undefined || (table !== undefined && pattern !== table)) {
    throw contradiction('须有 pattern 或 table 之一', 'one of `pattern` and `table` is needed');
  }
  const spec: FilesSource = { ...rest, pattern };
  if (strategy !== 'snapshot' && strategy !== 'change-table' && strategy !== 'files') {
    throw filesErrors.NOT_SUPPORTED({ what: strategy, known: 'snapshot, change-table, diff, files' });
  }
  const folder = spec.folder === undefined ? config.path : join(config.path, spec.folder);
  const zone = spec.zone ?? context.timeZone;
  checkOptions(config, spec, strategy, zone);
  return {
    spec,
    strategy,
    resource,
    folder,
    watched: { folder, spec, allFull: strategy === 'snapshot', now: context.now },
    zone,
    context,
    notices: new Map(),
    settled: { aside: new Set(), acknowledged: new Set() },
  };
}

function contradiction(zh: string, en: string) {
  return filesErrors.OPTIONS_CONTRADICT({ problem: { zh, en } });
}

function checkOptions(config: FilesConfig, spec: FilesSource, strategy: string, zone: string): void {
  if (config.readOnly && spec.done !== 'keep') {
    throw filesErrors.READ_ONLY({
      what: { zh: `在回执后 ${spec.done}`, en: `${spec.done} files after the receipt` },
    });
  }
  const ofTables = (
    ['full', 'format', 'delimiter', 'nullText', 'columns', 'op', 'fixed', 'sheet', 'zone'] as const
  ).find((option) => strategy === 'files' && spec[option] !== undefined);
  if (ofTables) {
    throw contradiction(
      `strategy: files 不读取文件内容,不用 ${ofTables}`,
      `strategy \`files\` does not look into files: take \`${ofTables}\` away`,
    );
  }
  if (strategy === 'change-table' && spec.full === undefined && spec.done === 'delete') {
    throw contradiction(
      'done: delete 须有 full,否则重新全量时缺少已删除的文件',
      '`done: delete` needs `full`: a stream that starts over would lack the deleted files',
    );
  }
  if (spec.removals && (strategy !== 'files' || spec.done !== 'keep')) {
    throw contradiction(
      'removals 只用于 strategy: files 且 done: keep:移走的文件不是被删除的',
      '`removals` goes with strategy `files` and `done: keep`: what the agent puts aside was not taken away',
    );
  }
  if (spec.format === 'fixed' && !spec.fixed)
    throw contradiction('format: fixed 须有 fixed', '`format: fixed` needs `fixed`');
  if (spec.delimiter !== undefined && spec.delimiter === spec.quote) {
    throw contradiction('delimiter 与 quote 相同', '`delimiter` and `quote` are the same');
  }
  try {
    zoneFormat(zone);
  } catch {
    throw contradiction(`时区 ${zone} 无法识别`, `zone ${zone} is unknown`);
  }
}

/**
 * Looks at the newest file of each kind: one whose columns do not fit stops the exchange before it is read. A folder where nothing
 * waits is no error: files come later.
 */
async function newestShape(reading: Reading, signal: AbortSignal): Promise<SourceShape | undefined> {
  const files = (await listFiles(reading.watched)).filter(({ complete }) => complete);
  let shape: SourceShape | undefined;
  for (const full of [true, false]) {
    const newest = files.findLast((file) => file.full === full);
    if (!newest) continue;
    const { resource, spec, zone } = reading;
    const opened = await openProven(newest, signal).catch((error: unknown) => {
      // told by the read, behind what is good before it
      if (isQianzhiError(error, 'QZ_FILES_MANIFEST_MISMATCH')) return undefined;
      throw error;
    });
    if (!opened) continue;
    const table = await openTable(opened.handle, newest.path, newest.name, spec, signal);
    try {
      const columns = await describedColumns(newest.path, table.columns);
      const { items } = projectFile(columns, resource, spec, zone, newest.path, full ? 'snapshot' : 'delta');
      shape =
        shapeOf(
          columns,
          items.map(({ item, column }) => [item.column, column] as const),
        ) ?? shape;
    } finally {
      await table.close();
    }
  }
  return shape;
}

/** Of files that say the types of their columns. */
function shapeOf(
  columns: readonly FileColumn[],
  items: readonly (readonly [string, number])[],
): SourceShape | undefined {
  const typed = items.flatMap(([item, at]) => {
    const type = columns[at]?.nativeType;
    return type === undefined ? [] : [{ item, type }];
  });
  return typed.length > 0 ? { columns: typed, key: [] } : undefined;
}
