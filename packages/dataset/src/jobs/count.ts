import { checkCount } from './check-count.js';
import type { Workspace } from './workspace.js';

export async function countJob(workspace: Workspace): Promise<number> {
  const [rows = 0] = await workspace.database.numbers(
    `SELECT count(line) FROM (${workspace.lines('a', 'any')})`,
  );
  checkCount(workspace, 'a', rows);
  return rows;
}
