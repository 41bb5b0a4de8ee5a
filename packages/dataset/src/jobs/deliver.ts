import { encodeRows } from '../deliver/encode.js';
import { gatherRows } from '../deliver/gather-rows.js';
import { orderRows } from '../deliver/keyed-order.js';
import { JobFailure } from '../failure.js';
import type { DeliverSpec } from '../protocol.js';
import type { DeliverResult } from '../requests-deliver.js';
import type { Workspace } from './workspace.js';

/**
 * Makes one delivered file in `out`: granted columns with their masks, in the keyed order of this download, and beside it
 * the file that recognises its rows.
 */
export async function deliverJob(workspace: Workspace): Promise<DeliverResult> {
  const spec = workspace.deliver;
  if (!spec) throw new JobFailure('FAILED', { reason: 'nothing to deliver' });
  const gathered = await gatherRows(workspace, spec);
  workspace.tellProgress(0.3);
  const counts = await orderRows(workspace, gathered, spec.seed);
  workspace.tellProgress(0.5);
  return encodeRows(workspace, gathered, counts, spec satisfies DeliverSpec);
}
