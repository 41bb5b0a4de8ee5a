import { contentErrors } from './errors/content.js';
import { deliveryErrors } from './errors/deliveries.js';
import { orderErrors } from './errors/order.js';
import { permissionErrors } from './errors/permission.js';
import { receiptErrors } from './errors/receipts.js';
import { storeErrors } from './errors/store.js';

/** Of intake, deliveries, receipts and the byte store. Details name streams, seqs and counts; never a row value. */
export const exchangeErrors = {
  ...storeErrors,
  ...permissionErrors,
  ...orderErrors,
  ...contentErrors,
  ...deliveryErrors,
  ...receiptErrors,
} as const;
