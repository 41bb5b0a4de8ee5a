import { alertErrors } from './errors/alerts.js';
import { apiErrors } from './errors/api.js';
import { configErrors } from './errors/config.js';
import { exchangeDbErrors } from './errors/exchange-db.js';
import { exchangeErrors } from './errors/exchanges.js';
import { identityErrors } from './errors/identity.js';
import { machineErrors } from './errors/machine.js';
import { orderErrors } from './errors/orders.js';
import { packageErrors } from './errors/packages.js';
import { processErrors } from './errors/process.js';
import { queryErrors } from './errors/queries.js';
import { receivedErrors } from './errors/received.js';
import { reconcileErrors } from './errors/reconcile.js';
import { webhookErrors } from './errors/webhooks.js';

/** Details name files, places and counts; never a secret or a row value. */
export const agentErrors = {
  ...alertErrors,
  ...apiErrors,
  ...configErrors,
  ...exchangeDbErrors,
  ...exchangeErrors,
  ...identityErrors,
  ...machineErrors,
  ...orderErrors,
  ...packageErrors,
  ...processErrors,
  ...queryErrors,
  ...receivedErrors,
  ...reconcileErrors,
  ...webhookErrors,
} as const;
