import type { SinkBatch } from '@qianzhi/plugin-api';
import { decodeRows, mayHoldNanoseconds } from '@qianzhi/rows';
import { loaderChunks, rewriteRows, type UnwritableRow } from '@qianzhi/sql-kit';
import { loadData } from '../connection/load-data.js';
import { GRACE_MS } from '../connection/session.js';
import { mysqlErrors } from '../errors.js';
import { literal } from '../identifier.js';
import type { Target } from './target.js';
import type { Work } from './writing.js';

/** The batch as text: a temporary table of the session with columns qianzhi_row, qianzhi_op and one for each item. */
export interface Staging {
  /** Rows that are staged, numbered from 1. */
  readonly rows: number;
  /** Rows left out before, by their number in the batch. */
  readonly left: readonly UnwritableRow[];
  /** Number in the batch (from 0) of a staged row (from 0). */
  numberOf(row: number): number;
}

export const STAGING = 'qianzhi_staging';

/** InnoDB needs a little of each column within the page. */
const INNODB_COLUMNS = 150;

/**
 * Brings a batch into the server as it is, but for values that no column keeps exactly. Call it outside of a transaction.
 * Throws STAGING_LOST (integrity) where fewer rows arrive than were sent, or any with a warning.
 */
export async function stageBatch(
  work: Work,
  target: Target,
  { bytes, resource }: Pick<SinkBatch, 'bytes' | 'resource'>,
  byLoadData: boolean,
): Promise<Staging> {
  const rules = target.rareRules && mayHoldRare(bytes) ? target.rareRules : target.rules;
  const rewritten = rules ? rewriteRows(bytes, rules) : { bytes, left: [] };
  const items = target.itemOf.size;
  await work.run(`DROP TEMPORARY TABLE IF EXISTS ${STAGING}`);
  await work.run(stagingDdl(items));
  const rows = countRows(rewritten.bytes);
  const loaded =
    rows === 0 ? { rows, warnings: 0 } : await (byLoadData ? load : insert)(work, items, rewritten.bytes);
  if (loaded.rows !== rows || loaded.warnings > 0) {
    throw mysqlErrors.STAGING_LOST({
      table: target.table.name,
      sent: rows,
      came: loaded.rows,
      resource: resource.code,
    });
  }
  const left = rewritten.left.map(({ row }) => row);
  return { rows, left: rewritten.left, numberOf: (row) => numberAmong(row, left) };
}

function mayHoldRare(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return mayHoldNanoseconds(bytes) || text.includes(' \t') || text.includes(' \n');
}

function stagingDdl(items: number): string {
  const columns = Array.from({ length: items }, (_, at) => `${itemText(at)} LONGTEXT`);
  return `CREATE TEMPORARY TABLE ${STAGING} (qianzhi_row INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, qianzhi_op CHAR(1) NOT NULL, ${columns.join(', ')})
    ENGINE=${items > INNODB_COLUMNS ? 'MyISAM' : 'InnoDB'} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`;
}

/** Column of an item's text. */
export function itemText(at: number): string {
  return `c${at}`;
}

function columnNames(items: number): string {
  return ['qianzhi_op', ...Array.from({ length: items }, (_, at) => itemText(at))].join(', ');
}

function load({ session, signal }: Work, items: number, bytes: Uint8Array) {
  const sql = `LOAD DATA LOCAL INFILE 'qianzhi' INTO TABLE ${STAGING} CHARACTER SET utf8mb4
    FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' (${columnNames(items)})`;
  const chunks = loaderChunks(bytes, { op: true, constants: new Uint8Array(0) });
  return session.during(
    () => loadData(session, sql, chunks),
    signal,
    session.config.statementTimeoutMs + GRACE_MS,
  );
}

/** A statement must fit into the server's packet, 4 MiB at least where it is as small as servers come. */
const INSERT_BYTES = 1024 * 1024;

async function insert(work: Work, items: number, bytes: Uint8Array) {
  const into = `INSERT INTO ${STAGING} (${columnNames(items)}) VALUES `;
  let rows = 0;
  let warnings = 0;
  let values: string[] = [];
  let size = 0;
  const flush = async () => {
    if (values.length === 0) return;
    const answer = await work.run(into + values.join(','));
    rows += answer.count;
    warnings += answer.warnings;
    values = [];
    size = 0;
  };
  for (const { op, fields } of decodeRows(bytes)) {
    const row = `(${[op, ...fields].map((text) => (text === null ? 'NULL' : literal(text))).join(',')})`;
    if (size + row.length > INSERT_BYTES) await flush();
    values.push(row);
    size += row.length;
  }
  await flush();
  return { rows, warnings };
}

function countRows(bytes: Uint8Array): number {
  let rows = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) rows++;
  return rows;
}

const LF = 10;

/** `left` rises. */
function numberAmong(kept: number, left: readonly number[]): number {
  let row = kept;
  for (const gone of left) {
    if (gone > row) break;
    row++;
  }
  return row;
}
