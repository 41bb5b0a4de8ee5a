import type { BatchManifest } from '@qianzhi/model';
import type { Core } from './core.js';
import type { BatchEvent } from './surface.js';

/** Tells listeners and, at level debug, the log of one batch: once for each stage it reaches, never for a row. */
export function tellBatch(core: Core, event: Omit<BatchEvent, 'kind'>): void {
  core.options.log.debug(event, `batch ${event.stage}`);
  core.emit({ kind: 'batch', ...event });
}

/** What every stage tells of the batch itself. */
export function namesOf({ id, stream, seq }: BatchManifest): Pick<BatchEvent, 'batch' | 'resource' | 'seq'> {
  return { batch: id, resource: stream.resource, seq };
}
