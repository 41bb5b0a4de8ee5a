import { readFile } from 'node:fs/promises';
import { unpackTraceSample } from '@qianzhi/model';
import { JobFailure } from '../failure.js';
import type { TraceEvidence } from '../requests-deliver.js';
import { matchDownload } from '../trace/match.js';
import { viewSample } from '../trace/sample-rows.js';
import type { Workspace } from './workspace.js';

/** Compares one sample with each candidate. */
export async function traceJob(workspace: Workspace): Promise<readonly TraceEvidence[]> {
  const spec = workspace.trace;
  if (!spec) throw new JobFailure('FAILED', { reason: 'nothing to trace' });
  const { head, rows } = unpackTraceSample(await readFile(spec.sampleFile));
  const evidence: TraceEvidence[] = [];
  for (const candidate of spec.candidates) {
    evidence.push(await matchDownload(viewSample(head, rows, candidate), candidate));
    workspace.tellProgress(evidence.length / spec.candidates.length);
  }
  return evidence;
}
