import type { Comparison } from '../requests.js';
import { findChanges, refuseRepeats } from './find-changes.js';
import type { Workspace } from './workspace.js';

export async function compareJob(workspace: Workspace): Promise<Comparison> {
  const { database, layout } = workspace;
  await findChanges(workspace, 'a', 'b');
  if (layout.keyFields.length > 0) await refuseRepeats(workspace, 'a', 'b');
  const [onlyInA = 0, onlyInB = 0, differing = 0] = await database.numbers(
    `SELECT coalesce(sum(greatest(a - b, 0)), 0), coalesce(sum(greatest(b - a, 0)), 0),
      count(*) FILTER (a = 1 AND b = 1) FROM changes`,
  );
  const aRows = workspace.expected('a');
  const bRows = workspace.expected('b');
  return { aRows, bRows, onlyInA, onlyInB, differing, equal: aRows - onlyInA - differing };
}
