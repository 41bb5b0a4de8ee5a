import { JobFailure } from '../failure.js';
import type { SetName } from '../protocol.js';
import type { Workspace } from './workspace.js';

export function checkCount(workspace: Workspace, set: SetName, found: number): void {
  const expected = workspace.expected(set);
  if (found !== expected) throw new JobFailure('COUNT_DIFFERS', { set, expected, found });
}
