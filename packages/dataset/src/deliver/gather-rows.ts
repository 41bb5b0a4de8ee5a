import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { type CatalogItem, type CatalogResource, projectResource } from '@qianzhi/model';
import {
  compileProjector,
  compileScope,
  keepRows,
  projectedResource,
  type RowProjector,
  type RowScope,
} from '@qianzhi/rows';
import { JobFailure } from '../failure.js';
import { findChanges, refuseRepeats } from '../jobs/find-changes.js';
import type { Workspace } from '../jobs/workspace.js';
import { layoutOf } from '../layout.js';
import type { DeliverSpec, RowLayout, SetName } from '../protocol.js';
import { deleteRowOfKey, keyOfLine } from '../sql/key.js';
import { readSet } from '../sql/read-set.js';

/** The rows to deliver, as the grant shows them. */
export interface Gathered {
  /** Items as delivered: masked ones with their masked type. */
  readonly items: readonly CatalogItem[];
  readonly layout: RowLayout;
  /** SQL that answers `line`: op and fields. */
  readonly lines: string;
  readonly keyed: boolean;
  /** How many rows the manifests promise, those out of scope taken off; undefined of changes, which only counting tells. */
  readonly expected: number | undefined;
}

/** Projects every supplier's rows in scope, and where changes are wanted compares them with its base, both as the grant shows them. */
export async function gatherRows(workspace: Workspace, spec: DeliverSpec): Promise<Gathered> {
  const { resource, columns, masks, pseudonymKey } = spec;
  const projector = compileProjector(resource, columns, {
    masks,
    ...(pseudonymKey !== undefined && { pseudonymKey: Buffer.from(pseudonymKey, 'hex') }),
  });
  const shown = projectedResource(resource, projector.columns, masks);
  const layout = layoutOf(projectResource(resource, projector.columns));
  const keyed = layout.keyFields.length > 0 && layout.keyFields.length === keysOf(resource);
  if (spec.changes && !keyed) throw new JobFailure('NO_KEY', { resource: resource.code });
  const scopeOf = (text: string | undefined) =>
    text === undefined ? undefined : compileScope(resource, text);
  const now: RowsView = { projector, layout, scope: scopeOf(spec.scope?.rows) };
  const then: RowsView = { projector, layout, scope: scopeOf(spec.scope?.base) };
  const parts: string[] = [];
  let expected = 0;
  for (let index = 0; index < spec.suppliers; index++) {
    const rows = await projectSet(workspace, `rows${index}`, now);
    if (!spec.changes) {
      expected += rows.rows;
      parts.push(rows.lines);
      continue;
    }
    const base = await projectSet(workspace, `base${index}`, then);
    parts.push(await changedRows(workspace, index, base, rows, layout));
  }
  const items = shown.items;
  return {
    items,
    layout,
    keyed,
    expected: spec.changes ? undefined : expected,
    lines: parts.join(' UNION ALL ') || `SELECT '' AS line WHERE false`,
  };
}

function keysOf({ items }: CatalogResource): number {
  return items.filter(({ key }) => key).length;
}

interface ProjectedSet {
  readonly set: SetName;
  readonly rows: number;
  readonly lines: string;
}

/** Which of a supplier's rows are shown, and how. */
interface RowsView {
  readonly projector: RowProjector;
  readonly scope: RowScope | undefined;
  readonly layout: RowLayout;
}

async function projectSet(workspace: Workspace, set: SetName, view: RowsView): Promise<ProjectedSet> {
  const rows = workspace.expected(set);
  if ((view.projector.identity && !view.scope) || workspace.files(set).length === 0)
    return { set, rows, lines: workspace.lines(set, 'S') };
  const shown: SetName = `${set}-shown` as SetName;
  await mkdir(`in/${shown}`);
  const target = await open(`in/${shown}/000000.rows`, 'wx');
  let left = 0;
  try {
    for (const [index, extension] of workspace.kindsOf(set).entries()) {
      if (extension !== 'rows') throw new JobFailure('FAILED', { reason: 'a state that is compressed' });
      left += await projectFile(`in/${set}/${String(index).padStart(6, '0')}.rows`, view, target);
    }
  } finally {
    await target.close();
  }
  const { layout } = view;
  return { set: shown, rows: rows - left, lines: readSet(shown, 'S', layout, ['rows'], layout.maxRowBytes) };
}

const PIECE_BYTES = 1024 * 1024;

/** Answers how many rows were out of scope. */
async function projectFile(
  path: string,
  { projector, scope }: RowsView,
  target: FileHandle,
): Promise<number> {
  let left = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES })) {
    const held = rest.length > 0 ? Buffer.concat([rest, piece]) : (piece as Buffer);
    const end = held.lastIndexOf(10) + 1;
    if (end > 0) {
      const block = held.subarray(0, end);
      const fates = scope?.judge(block);
      const kept = fates && keepRows(block, fates, []);
      if (kept) left += fates.length - kept.rows;
      await target.writeFile(projector.project(kept?.bytes ?? block));
    }
    rest = Buffer.from(held.subarray(end));
  }
  return left;
}

/** Keys whose shown row is new or another, and `D` of those that are gone. A row that changed where nobody may look is no change. */
async function changedRows(
  workspace: Workspace,
  index: number,
  base: ProjectedSet,
  rows: ProjectedSet,
  layout: RowLayout,
): Promise<string> {
  const { database } = workspace;
  const expected = (set: SetName) => (set === base.set ? base.rows : rows.rows);
  const lines = (set: SetName) => (set === base.set ? base.lines : rows.lines);
  const compared: Workspace = { ...workspace, layout, expected, lines };
  await findChanges(compared, base.set, rows.set);
  await refuseRepeats(compared, base.set, rows.set);
  await database.run(`ALTER TABLE changes RENAME TO changes${index}`);
  const keys = (which: string) => `(SELECT key FROM changes${index} WHERE ${which})`;
  return `SELECT 'U' || substring(line, 2) AS line
      FROM (SELECT ${keyOfLine(layout)} AS key, line FROM (${rows.lines})) SEMI JOIN ${keys('b = 1')} USING (key)
    UNION ALL SELECT ${deleteRowOfKey(layout)} AS line FROM ${keys('b = 0')}`;
}
