import { backupErrors } from './errors/backup.js';
import { incomingErrors } from './errors/incoming.js';
import { operationErrors } from './errors/operation.js';
import { outgoingErrors } from './errors/outgoing.js';
import { reconcileErrors } from './errors/reconcile.js';
import { rejectedErrors } from './errors/rejected.js';
import { stateErrors } from './errors/state.js';

/** Details name exchanges, streams, counts and places; never a row value. */
export const engineErrors = {
  ...stateErrors,
  ...outgoingErrors,
  ...incomingErrors,
  ...rejectedErrors,
  ...operationErrors,
  ...backupErrors,
  ...reconcileErrors,
} as const;
