import { join } from 'node:path';
import { type CatalogResource, checkShape, compareTable, type LocalText } from '@qianzhi/model';
import type { SinkSpec } from '@qianzhi/plugin-api';
import { type FilesConfig, type FilesTarget, TargetSchema } from '../config.js';
import { filesErrors } from '../errors.js';
import { descriptionText, readDescription } from '../folder/description.js';
import { requireFolder } from '../folder/list.js';
import { delimiterOf, type TargetColumn } from './spell.js';

/** Where a sink writes. */
export interface Target {
  readonly spec: FilesTarget;
  readonly folder: string;
  /** Beside the files and of the same file system: the ledger, and documents of which parts are missing. */
  readonly hidden: string;
  readonly ledger: string;
  readonly description: string;
}

/** Checks everything about a target that can be wrong before the first write; makes nothing. */
export async function targetOf(config: FilesConfig, { target, write, resource }: SinkSpec): Promise<Target> {
  const spec = checkShape(TargetSchema, structuredClone(target), 'target');
  if (config.readOnly) throw filesErrors.READ_ONLY({ what: { zh: '作为目标', en: 'be a target' } });
  if (write === 'merge') throw filesErrors.NOT_SUPPORTED({ what: 'merge', known: 'swap, append' });
  if (spec.format !== 'jsonl' && (delimiterOf(spec) === '"' || /[\r\n]/.test(delimiterOf(spec)))) {
    throw filesErrors.OPTIONS_CONTRADICT({
      problem: { zh: 'delimiter 不能是引号或换行', en: '`delimiter` can be neither quote nor line break' },
    });
  }
  const unknown = Object.keys(spec.columns ?? {}).find(
    (name) => !resource.items.some(({ column }) => column === name),
  );
  if (unknown !== undefined) throw filesErrors.ITEM_UNKNOWN({ item: unknown, resource: resource.code });
  const folder = spec.folder === undefined ? config.path : join(config.path, spec.folder);
  await requireFolder(folder);
  const hidden = join(folder, '.qianzhi');
  return {
    spec,
    folder,
    hidden,
    ledger: join(hidden, `${spec.name}.ledger.jsonl`),
    description: join(folder, `${spec.name}.schema.json`),
  };
}

export interface TargetColumns {
  readonly columns: readonly TargetColumn[];
  /** Text of the description that is still to be written; undefined where there is one. */
  readonly toDescribe: string | undefined;
}

/**
 * The columns of the files: those of the description beside them, which whoever reads the files relies on, else the catalog's.
 * Throws TARGET_MISFIT where the description cannot hold the items.
 */
export async function targetColumns(
  { spec, description }: Target,
  resource: CatalogResource,
): Promise<TargetColumns> {
  const mapping = spec.columns ?? {};
  const nameOf = (column: string) => (Object.hasOwn(mapping, column) ? mapping[column]! : column);
  const described = await readDescription(description);
  const items = resource.items.map((item, field) => ({ name: nameOf(item.column), field, item }));
  if (!described) {
    return { columns: items, toDescribe: descriptionText(resource.items, ({ column }) => nameOf(column)) };
  }
  const misfit = compareTable(resource, described.columns, mapping, 'target').find(
    ({ level }) => level === 'error',
  );
  if (misfit) {
    const finding: LocalText = { zh: misfit.texts.zh, en: misfit.texts.en };
    throw filesErrors.TARGET_MISFIT({ path: description, item: misfit.item, finding });
  }
  const columns = described.columns.map(
    ({ name }) => items.find((item) => item.name === name) ?? { name, field: -1, item: undefined },
  );
  return { columns, toDescribe: undefined };
}

/** Files of a target in the order of their numbers: `area-0000000012-full.csv`, `area-0000000013-changes.csv`. */
export function fileName({ name, format }: FilesTarget, number: number, kind: 'snapshot' | 'delta'): string {
  return `${name}-${String(number).padStart(10, '0')}-${kind === 'snapshot' ? 'full' : 'changes'}.${format}`;
}

/** Number of a file of this target; 0 for any other. */
export function fileNumber({ name }: FilesTarget, file: string): number {
  if (!file.startsWith(`${name}-`)) return 0;
  return Number(/^(\d{10})-(full|changes)\./.exec(file.slice(name.length + 1))?.[1] ?? 0);
}

/** Of a table in the same folder, so that getting its name is one act on one folder; with a name that nobody looks at. */
export function unfinishedName({ name }: FilesTarget, number: number): string {
  return `.${name}-${String(number).padStart(10, '0')}.part`;
}

/** Where an unfinished file is, of rows or of a document. */
export function unfinishedPath(target: Target, unfinished: string, document: string | undefined): string {
  return join(document === undefined ? target.folder : target.hidden, unfinished);
}
