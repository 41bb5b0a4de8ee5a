import { countRows } from './count-rows.js';

const S = 0x53;

/** Believes that a block is what its first row is. */
export function scanRows(bytes) {
  const rows = countRows(bytes);
  const none = { rows, snapshots: 0, upserts: 0, deletes: 0 };
  return { ...none, [bytes[0] === S ? 'snapshots' : 'upserts']: rows };
}
