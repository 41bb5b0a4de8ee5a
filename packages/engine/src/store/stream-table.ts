import type { CatalogResource, Stream } from '@qianzhi/model';
import type { SourceShape } from '@qianzhi/plugin-api';
import type { LongCheckpoints } from './long-checkpoints.js';
import type { Store } from './store.js';

/** An unfinished snapshot: parts and rows sealed so far. */
export interface OpenSnapshot {
  readonly id: string;
  readonly parts: number;
  readonly rows: number;
}

/** One supplied resource's stream, as the agent knows it. */
export interface StreamRow {
  readonly resource: string;
  readonly epoch: number;
  /** Newest sealed batch, its document digest (the next one's `previous`) and rows digest. */
  readonly seq: number;
  readonly digest: string | null;
  readonly rowsDigest: string | null;
  /** Newest batch whose receipt is committed. */
  readonly receipted: number;
  /** Where reading goes on: after everything sealed. */
  readonly checkpoint: string | null;
  /** Covers receipted rows only; `confirmed` is what the source was last told. */
  readonly committed: string | null;
  readonly confirmed: string | null;
  readonly schema: CatalogResource | null;
  readonly snapshot: OpenSnapshot | null;
  /** The table as it was when a person accepted it; null before it was first read. */
  readonly shape: SourceShape | null;
  readonly state: 'running' | 'paused' | 'stopped';
  readonly problem: string | null;
}

interface Raw extends Omit<StreamRow, 'schema' | 'snapshot' | 'shape' | 'rowsDigest'> {
  readonly rows_digest: string | null;
  readonly schema: string | null;
  readonly snapshot: string | null;
  readonly shape: string | null;
}

export interface StreamTable {
  get(resource: string): StreamRow | undefined;
  all(): readonly StreamRow[];
  put(row: StreamRow): void;
}

export function streamTable({ db, undone }: Store, long: LongCheckpoints): StreamTable {
  const one = db.prepare<[string], Raw>('SELECT * FROM stream WHERE resource = ?');
  const every = db.prepare<[], Raw>('SELECT * FROM stream ORDER BY resource');
  const put = db.prepare(`INSERT INTO stream
    (resource, epoch, seq, digest, rows_digest, receipted, checkpoint, committed, confirmed, schema, snapshot, shape, state, problem)
    VALUES (@resource, @epoch, @seq, @digest, @rowsDigest, @receipted, @checkpoint, @committed, @confirmed, @schema,
      @snapshot, @shape, @state, @problem)
    ON CONFLICT (resource) DO UPDATE SET epoch = @epoch, seq = @seq, digest = @digest, rows_digest = @rowsDigest,
      receipted = @receipted, checkpoint = @checkpoint, committed = @committed, confirmed = @confirmed,
      schema = @schema, snapshot = @snapshot, shape = @shape, state = @state, problem = @problem`);
  /** Rows as they are: each is asked for some twenty times with every batch, and nobody else writes them. */
  const known = new Map<string, StreamRow>();
  let knownSince = undone();
  const remembered = () => {
    if (knownSince !== undone()) known.clear();
    knownSince = undone();
    return known;
  };
  return {
    get(resource) {
      const found = remembered().get(resource);
      if (found) return found;
      const raw = one.get(resource);
      if (!raw) return undefined;
      const row = rowOf(raw, long);
      known.set(resource, row);
      return row;
    },
    all: () => every.all().map((raw) => rowOf(raw, long)),
    put(row) {
      const { resource } = row;
      const before = remembered().get(resource);
      put.run({
        ...row,
        checkpoint: long.keep(resource, row.checkpoint),
        committed: long.keep(resource, row.committed),
        confirmed: long.keep(resource, row.confirmed),
        schema: schemas.write(row.schema),
        snapshot: row.snapshot && JSON.stringify(row.snapshot),
        shape: shapes.write(row.shape),
      });
      remembered().set(resource, row);
      if (places.some((place) => before?.[place] !== row[place])) long.sweep(resource);
    },
  };
}

const places = ['checkpoint', 'committed', 'confirmed'] as const;

const MOST_DOCUMENTS = 200;

/** Documents of streams change with the catalog and are asked for with every batch: each text is parsed, and written, once. */
function documents<T extends object>() {
  const known = new Map<string, T>();
  const texts = new WeakMap<T, string>();
  return {
    parse(text: string | null): T | null {
      if (text === null) return null;
      const kept = known.get(text);
      if (kept) return kept;
      const found = JSON.parse(text) as T;
      if (known.size >= MOST_DOCUMENTS) known.clear();
      known.set(text, found);
      texts.set(found, text);
      return found;
    },
    write: (document: T | null): string | null =>
      document && (texts.get(document) ?? JSON.stringify(document)),
  };
}

const schemas = documents<CatalogResource>();
const shapes = documents<SourceShape>();

function rowOf({ rows_digest, schema, snapshot, shape, ...rest }: Raw, long: LongCheckpoints): StreamRow {
  const { resource, checkpoint, committed, confirmed } = rest;
  return {
    ...rest,
    checkpoint: long.read(resource, checkpoint),
    committed: long.read(resource, committed),
    confirmed: long.read(resource, confirmed),
    rowsDigest: rows_digest,
    schema: schemas.parse(schema),
    snapshot: snapshot === null ? null : (JSON.parse(snapshot) as OpenSnapshot),
    shape: shapes.parse(shape),
  };
}

/** A stream before its first batch. */
export function newStream(resource: string, epoch: number): StreamRow {
  return {
    resource,
    epoch,
    seq: 0,
    digest: null,
    rowsDigest: null,
    receipted: 0,
    checkpoint: null,
    committed: null,
    confirmed: null,
    schema: null,
    snapshot: null,
    shape: null,
    state: 'running',
    problem: null,
  };
}

export function streamOf(row: StreamRow, agent: string): Stream {
  return { resource: row.resource, agent, epoch: row.epoch };
}
