import { countRows } from './count-rows.js';

/** Believes every row. */
export function compileValidator(resource) {
  return {
    fields: resource.items.length,
    validate(bytes) {
      const rows = countRows(bytes);
      return { bytes, read: rows, rows, deletes: 0, rejected: [], flagged: [], flaggedRows: 0 };
    },
  };
}
