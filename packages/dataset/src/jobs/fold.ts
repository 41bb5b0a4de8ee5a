import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cutFile } from '../cut-file.js';
import { JobFailure } from '../failure.js';
import type { LinkExtension } from '../link-sets.js';
import type { FoldOutcome, RowLayout, SetName } from '../protocol.js';
import { keyOfLine } from '../sql/key.js';
import { lineReader, wrongShape } from '../sql/read-set.js';
import type { Workspace } from './workspace.js';

/** Writes `out/state-*` of the current folder: the rows after all batches, in byte order of their keys. */
export async function foldJob(workspace: Workspace): Promise<FoldOutcome> {
  const { database, layout } = workspace;
  const keyed = layout.keyFields.length > 0;
  await database.run(`CREATE VIEW batches AS ${fileLines(workspace, 'batches')}`);
  await database.run(`CREATE VIEW base AS ${fileLines(workspace, 'base')}`);
  const expected = keyed ? await findLatest(workspace) : await countAll(workspace);
  workspace.tellProgress(0.4);
  const rows = keyed ? latestRows(layout) : `SELECT line AS key, ${asRow('line')} AS row FROM batches`;
  let files = await writeState(workspace, rows);
  if (rowsOf(files) > expected) {
    // the same row twice in one batch: the parts of a copy may overlap
    for (const { name } of files) await rm(join('out', name));
    files = await writeState(workspace, `SELECT DISTINCT key, row FROM (${rows})`);
  }
  if (rowsOf(files) !== expected)
    throw new JobFailure('FAILED', { reason: `${rowsOf(files)} rows of ${expected} written` });
  return { files, rows: expected };
}

async function writeState({ database }: Workspace, rows: string) {
  await database.run(
    `COPY (SELECT encode(row || chr(10)) FROM (${rows}) ORDER BY key) TO 'state' (FORMAT blob)`,
  );
  return cutFile('state', 'out');
}

/** Of each key its last row: file number and op above, a hash of the row below, so that one number tells which. */
async function findLatest(workspace: Workspace): Promise<number> {
  const { database, layout } = workspace;
  await database.run(
    `CREATE TABLE latest AS SELECT key, max(stamp) AS stamp, count(*) AS n
      FROM (SELECT ${keyOfLine(layout)} AS key, ${stampOf} AS stamp FROM batches) GROUP BY key`,
  );
  const [read = 0, live = 0] = await database.numbers(
    `SELECT coalesce(sum(n), 0), count(*) FILTER ((stamp // ${HASHES}) % 2 = 0) FROM latest`,
  );
  requireCount(workspace, 'batches', read);
  const [baseRows = 0, kept = 0] = await database.numbers(
    `SELECT count(*), count(*) FILTER (latest.key IS NULL)
      FROM (SELECT ${keyOfLine(layout)} AS key FROM base) AS b LEFT JOIN latest USING (key)`,
  );
  requireCount(workspace, 'base', baseRows);
  return live + kept;
}

async function countAll(workspace: Workspace): Promise<number> {
  const [rows = 0, gone = 0] = await workspace.database.numbers(
    `SELECT count(*), count(*) FILTER (line[1] = 'D') FROM batches`,
  );
  requireCount(workspace, 'batches', rows);
  if (gone > 0 || workspace.files('base').length > 0)
    throw new JobFailure('NO_KEY', { resource: workspace.layout.resource });
  return rows;
}

const HASHES = '18446744073709551616::UHUGEINT';
const stampOf = `(2 * file_no + (CASE WHEN line[1] = 'D' THEN 1 ELSE 0 END))::UHUGEINT * ${HASHES} + hash(line)`;
const asRow = (line: string) => `'S' || substring(${line}, 2)`;

function latestRows(layout: RowLayout): string {
  return `SELECT key, ${asRow('line')} AS row
      FROM (SELECT ${keyOfLine(layout)} AS key, ${stampOf} AS stamp, line FROM batches)
      SEMI JOIN latest USING (key, stamp) WHERE line[1] <> 'D'
    UNION ALL
    SELECT key, line AS row FROM (SELECT ${keyOfLine(layout)} AS key, line FROM base) ANTI JOIN latest USING (key)`;
}

function requireCount(workspace: Workspace, set: SetName, found: number): void {
  const expected = workspace.expected(set);
  if (found !== expected) throw new JobFailure('COUNT_DIFFERS', { set, expected, found });
}

function rowsOf(files: readonly { readonly rows: number }[]): number {
  return files.reduce((sum, { rows }) => sum + rows, 0);
}

/** SQL of the lines of a set in the layout's own fields, with the number of the file each is from. */
function fileLines(workspace: Workspace, set: SetName): string {
  const { layout } = workspace;
  const groups = new Map<string, FileGroup>();
  const kinds = workspace.kindsOf(set);
  workspace.files(set).forEach(({ fields, width = layout.fields }, index) => {
    const extension = kinds[index]!;
    const name = JSON.stringify([extension, fields]);
    const group = groups.get(name) ?? { extension, fields, width, names: [] };
    group.names.push(`in/${set}/${String(index).padStart(6, '0')}.${extension}`);
    groups.set(name, group);
  });
  const maxRowBytes = workspace.rowBytesOf(set);
  const reads = [...groups.values()].map((group) => readGroup(set, group, maxRowBytes));
  return reads.join(' UNION ALL ') || `SELECT 0::UBIGINT AS file_no, ''::VARCHAR AS line WHERE false`;
}

/** Files of one kind whose fields stand in the same places. */
interface FileGroup {
  readonly extension: LinkExtension;
  readonly fields: readonly (number | null)[] | undefined;
  readonly width: number;
  readonly names: string[];
}

function readGroup(
  set: SetName,
  { extension, fields, width, names }: FileGroup,
  maxRowBytes: number,
): string {
  const list = `[${names.map((name) => `'${name}'`).join(', ')}]`;
  const shape = `CASE WHEN line[1] IN ('S', 'U', 'D') AND line[2] = chr(9) AND len(string_split(line, chr(9))) = ${width + 1}
    THEN line ELSE error('${wrongShape}:${set}') END`;
  const fileNo = `substr(filename, ${`in/${set}/`.length + 1}, 6)::UBIGINT`;
  const mapped = fields ? `line[1] || ${fields.map(fieldOf).join(' || ')}` : 'line';
  return `SELECT file_no, ${mapped} AS line FROM (SELECT ${fileNo} AS file_no, ${shape} AS line
    FROM ${lineReader(list, extension, maxRowBytes, true)})`;
}

function fieldOf(from: number | null): string {
  return from === null ? "chr(9) || '\\N'" : `chr(9) || split_part(line, chr(9), ${from + 2})`;
}
