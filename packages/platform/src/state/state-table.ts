import { join } from 'node:path';
import type { RowFile } from '@qianzhi/dataset';
import type { Knex } from 'knex';

/** The rows of one supplier's stream after a batch, folded by key, in files of row text (op `S`) in byte order of the keys. */
export interface SupplierState {
  readonly id: string;
  readonly resource: string;
  readonly agent: string;
  readonly epoch: number;
  /** Seq of the first batch it is made from. */
  readonly snapshotFrom: number;
  readonly seq: number;
  readonly schemaVersion: number;
  readonly rows: number;
  readonly bytes: number;
  readonly files: readonly (RowFile & { readonly bytes: number })[];
}

interface StateRow {
  readonly id: string;
  readonly resource: string;
  readonly agent: string;
  readonly epoch: number;
  readonly snapshot_from: number;
  readonly seq: number;
  readonly schema_version: number;
  readonly rows: number;
  readonly bytes: number;
  readonly files: string;
  readonly made_at: string;
}

interface NamedFile {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  readonly bytesDigest: string;
}

/** Newest first. `folder`: where the folders of states are. */
export async function findStates(
  db: Knex,
  folder: string,
  where: { readonly resource?: string; readonly agent?: string; readonly id?: string } = {},
): Promise<SupplierState[]> {
  const rows: StateRow[] = await db('states').where(where).orderBy('made_at', 'desc');
  return rows.map((row) => ({
    id: row.id,
    resource: row.resource,
    agent: row.agent,
    epoch: row.epoch,
    snapshotFrom: Number(row.snapshot_from),
    seq: Number(row.seq),
    schemaVersion: row.schema_version,
    rows: Number(row.rows),
    bytes: Number(row.bytes),
    files: (JSON.parse(row.files) as NamedFile[]).map(({ name, ...file }) => ({
      ...file,
      path: join(folder, row.id, name),
    })),
  }));
}

export async function insertState(
  db: Knex,
  state: Omit<SupplierState, 'files'> & { readonly files: readonly NamedFile[] },
  madeAt: string,
): Promise<void> {
  const { id, resource, agent, epoch, seq, rows, bytes } = state;
  const row: StateRow = {
    id,
    resource,
    agent,
    epoch,
    snapshot_from: state.snapshotFrom,
    seq,
    schema_version: state.schemaVersion,
    rows,
    bytes,
    files: JSON.stringify(state.files),
    made_at: madeAt,
  };
  await db('states').insert(row);
}
