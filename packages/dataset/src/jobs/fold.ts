import { cutFile } from '../cut-file.js';
import { JobFailure } from '../failure.js';
import type { LinkExtension } from '../link-sets.js';
import type { FoldOutcome, RowLayout, SetName } from '../protocol.js';
import { keyOfLine } from '../sql/key.js';
import { lineReader, wrongShape } from '../sql/read-set.js';
import { mergeState } from './merge-state.js';
import type { Workspace } from './workspace.js';

/** Writes `out/state-*` of the current folder: the rows after all batches, in byte order of their keys. */
export async function foldJob(workspace: Workspace): Promise<FoldOutcome> {
  const { database, layout } = workspace;
  await database.run(`CREATE VIEW batches AS ${fileLines(workspace, 'batches')}`);
  if (layout.keyFields.length === 0) await writeAll(workspace);
  else if (baseMayStay(workspace)) await writeOver(workspace);
  else await writeAnew(workspace);
  workspace.tellProgress(0.8);
  const files = await cutFile('state', 'out');
  return { files, rows: files.reduce((sum, { rows }) => sum + rows, 0) };
}

/** A state that is there lies in the order and the fields of the new one; only then it can be gone through as it is. */
function baseMayStay(workspace: Workspace): boolean {
  const base = workspace.files('base');
  return base.length > 0 && base.every(({ fields }) => fields === undefined);
}

/** The batches' last rows laid over the state before. */
async function writeOver(workspace: Workspace): Promise<void> {
  const { layout } = workspace;
  await findLatest(workspace, 'batches');
  const latest = await count(workspace, 'latest');
  const rows = `SELECT key, CASE WHEN line[1] = 'D' THEN 'D' ELSE 'S' END || substring(line, 2) AS row
    FROM (${winners(layout)})`;
  await writeRows(workspace, rows, latest, 'changes');
  const base = workspace.files('base').map((_, at) => `in/base/${String(at).padStart(6, '0')}.rows`);
  const merged = await mergeState(base, 'changes', layout.keyFields, 'state');
  requireCount(workspace, 'base', merged.baseRows);
  if (merged.changes !== latest)
    throw new JobFailure('FAILED', { reason: 'changes that were not laid over' });
}

/** From batches, and a state before where it has other fields: it is the first of them then. */
async function writeAnew(workspace: Workspace): Promise<void> {
  const { database, layout } = workspace;
  const before = workspace.files('base').length > 0;
  if (before) {
    await database.run('ALTER VIEW batches RENAME TO later');
    await database.run(
      `CREATE VIEW batches AS SELECT file_no + 1 AS file_no, line FROM later
        UNION ALL SELECT 0 AS file_no, line FROM (${fileLines(workspace, 'base')})`,
    );
  }
  await findLatest(workspace, 'batches', ...(before ? (['base'] as const) : []));
  const live = await count(workspace, `latest WHERE (stamp // ${HASHES}) % 2 = 0`);
  const rows = `SELECT key, ${asRow('line')} AS row FROM (${winners(layout)}) WHERE line[1] <> 'D'`;
  await writeRows(workspace, rows, live, 'state');
}

/** Of a resource without key: every row of the copy. */
async function writeAll(workspace: Workspace): Promise<void> {
  const [rows = 0, gone = 0] = await workspace.database.numbers(
    `SELECT count(*), count(*) FILTER (line[1] = 'D') FROM batches`,
  );
  requireCount(workspace, 'batches', rows);
  if (gone > 0 || workspace.files('base').length > 0)
    throw new JobFailure('NO_KEY', { resource: workspace.layout.resource });
  await writeSorted(workspace, `SELECT line AS key, ${asRow('line')} AS row FROM batches`, 'state');
}

/** Where the same row is twice in one batch, as the parts of a copy may overlap, there are more than there should be. */
async function writeRows(workspace: Workspace, rows: string, expected: number, file: string): Promise<void> {
  const found = await count(workspace, `(${rows})`);
  await writeSorted(workspace, found > expected ? `SELECT DISTINCT key, row FROM (${rows})` : rows, file);
}

async function writeSorted({ database }: Workspace, rows: string, file: string): Promise<void> {
  await database.run(
    `COPY (SELECT encode(row || chr(10)) FROM (${rows}) ORDER BY key) TO '${file}' (FORMAT blob)`,
  );
}

async function count({ database }: Workspace, from: string): Promise<number> {
  const [rows = 0] = await database.numbers(`SELECT count(*) FROM ${from}`);
  return rows;
}

/** Of each key its last row: file number and op above, a hash of the row below, so that one number tells which. */
async function findLatest(workspace: Workspace, ...sets: readonly SetName[]): Promise<void> {
  const { database, layout } = workspace;
  await database.run(
    `CREATE TABLE latest AS SELECT key, max(stamp) AS stamp, count(*) AS n
      FROM (SELECT ${keyOfLine(layout)} AS key, ${stampOf} AS stamp FROM batches) GROUP BY key`,
  );
  const [read = 0] = await database.numbers('SELECT coalesce(sum(n), 0) FROM latest');
  const expected = sets.reduce((sum, set) => sum + workspace.expected(set), 0);
  if (read !== expected) throw new JobFailure('COUNT_DIFFERS', { set: sets[0]!, expected, found: read });
}

const HASHES = '18446744073709551616::UHUGEINT';
const stampOf = `(2 * file_no + (CASE WHEN line[1] = 'D' THEN 1 ELSE 0 END))::UHUGEINT * ${HASHES} + hash(line)`;
const asRow = (line: string) => `'S' || substring(${line}, 2)`;

const winners = (layout: RowLayout) =>
  `SELECT key, line FROM (SELECT ${keyOfLine(layout)} AS key, ${stampOf} AS stamp, line FROM batches)
    SEMI JOIN latest USING (key, stamp)`;

function requireCount(workspace: Workspace, set: SetName, found: number): void {
  const expected = workspace.expected(set);
  if (found !== expected) throw new JobFailure('COUNT_DIFFERS', { set, expected, found });
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
