import { JobFailure } from '../failure.js';
import type { Workspace } from '../jobs/workspace.js';
import { keyOfLine } from '../sql/key.js';
import type { Gathered } from './gather-rows.js';

/** The rows in their order, each behind 16 hex digits of its place and a TAB. */
export const ORDERED = 'ordered';

export interface OrderedCounts {
  readonly rows: number;
  readonly upserts: number;
  readonly deletes: number;
}

/**
 * Writes the rows in the order of HMAC-SHA-256(seed, first 16 bytes of SHA-256(key text)); a resource without key goes by its
 * whole rows. Nobody without the seed can tell this order from chance, and who has it recognises any part of the rows.
 */
export async function orderRows(
  workspace: Workspace,
  { lines, layout, keyed, expected }: Gathered,
  seed: string,
): Promise<OrderedCounts> {
  const { database } = workspace;
  const key = keyed ? keyOfLine(layout) : 'substring(line, 3)';
  const place = `substr(${hmacSql(seed, `unhex(substr(sha256(${key}), 1, 32))`)}, 1, 16)`;
  await database.run(
    `COPY (SELECT encode(place || chr(9) || line || chr(10)) FROM (SELECT ${place} AS place, line FROM (${lines}))
      ORDER BY place) TO '${ORDERED}' (FORMAT blob)`,
  );
  const [rows = 0, deletes = 0] = await database.numbers(
    `SELECT count(*), count(*) FILTER (line[1] = 'D') FROM (${lines})`,
  );
  if (expected !== undefined && rows !== expected)
    throw new JobFailure('COUNT_DIFFERS', { set: 'rows0', expected, found: rows });
  return { rows, upserts: rows - deletes, deletes };
}

/** RFC 2104 in DuckDB's own functions, as hex; `message` is a BLOB. */
function hmacSql(seed: string, message: string): string {
  const key = Buffer.alloc(64);
  Buffer.from(seed, 'hex').copy(key);
  const padded = (byte: number) => `unhex('${Buffer.from(key.map((one) => one ^ byte)).toString('hex')}')`;
  return `sha256(${padded(0x5c)} || unhex(sha256(${padded(0x36)} || ${message})))`;
}
