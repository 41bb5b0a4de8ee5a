import type { TraceEvidence } from '@qianzhi/dataset';
import {
  type DownloadManifest,
  type Signed,
  type TraceCandidateFinding,
  type TraceFinding,
  unpackTraceSample,
} from '@qianzhi/model';
import type { PersonCaller } from '../server/caller.js';
import { downloadErrors } from './errors.js';
import type { DownloadParts } from './parts.js';
import type { DeliveredItem, DownloadRow } from './store.js';

/** Compares a found file, by digests, with every download of its resource that was handed out. Audited. */
export type Trace = (caller: PersonCaller, sample: Uint8Array, signal: AbortSignal) => Promise<TraceFinding>;

/** A share of rows below this is what unrelated files may have in common. */
const LEAST_SHARE = 0.05;
/** Deviations from chance that an order has to show. */
const LEAST_CHANCE = 6;
/** A short file is all in order by chance once in 13! or less. */
const LEAST_NEIGHBOURS = 12;

export function createTrace({ context, catalog, dataset, store, folders }: DownloadParts): Trace {
  return async (caller, sample, signal) => {
    const { head } = unpackTraceSample(sample);
    const { resource, columns, rows: compared, rowsInFile } = head;
    if (!(await catalog.current(resource))) throw downloadErrors.TRACE_RESOURCE_UNKNOWN({ resource });
    const rows = await store.list((query) => query.where({ resource }).whereNotNull('delivered_at'));
    const candidates = rows.map((row) => {
      const delivered = itemsOf(row).map(({ column }) => column);
      return {
        id: row.id,
        seed: row.seed,
        traceFile: folders.traceOf(row.id),
        width: delivered.length,
        keyed: head.keyed && Boolean(row.keyed),
        columns: columns.map((column) => {
          const at = delivered.indexOf(column);
          return at < 0 ? null : at;
        }),
      };
    });
    const evidence = candidates.length > 0 ? await dataset.trace({ sample, candidates }, signal) : [];
    const found = evidence
      .map((one, index) => judge(one, rows[index]!, columns, candidates[index]!.traceFile !== undefined))
      .filter(({ found, order }) => order.matches || found >= Math.max(1, LEAST_SHARE * compared))
      .sort(
        (a, b) => Number(b.order.matches) - Number(a.order.matches) || b.equal - a.equal || b.found - a.found,
      );
    const verdict = verdictOf(found, compared);
    const details = { rows: rowsInFile, verdict, candidates: found.length };
    await context.audit.record({
      actor: caller,
      action: 'trace',
      object: resource,
      outcome: 'done',
      details,
    });
    return { resource, rowsInFile, compared, verdict, candidates: found, judged: rows.length };
  };
}

function itemsOf({ items }: DownloadRow): DeliveredItem[] {
  return JSON.parse(items) as DeliveredItem[];
}

function judge(
  evidence: TraceEvidence,
  row: DownloadRow,
  columns: readonly string[],
  recorded: boolean,
): TraceCandidateFinding {
  const delivered = itemsOf(row).map(({ column }) => column);
  const manifest: Signed<DownloadManifest> = JSON.parse(row.manifest!);
  const { found, equal, equalByColumn, inOrder, neighbours } = evidence;
  const shares = columns.flatMap((column, index) => {
    const same = equalByColumn[index];
    return same === null || same === undefined ? [] : [[column, found === 0 ? 0 : same / found] as const];
  });
  // ascents of a random order: mean n/2, variance (n + 2) / 12
  const chance = neighbours === 0 ? 0 : (inOrder - neighbours / 2) / Math.sqrt((neighbours + 2) / 12);
  const whole = inOrder === neighbours && neighbours >= LEAST_NEIGHBOURS;
  const matches = whole || (chance >= LEAST_CHANCE && inOrder >= 0.75 * neighbours);
  return {
    download: row.id,
    consumer: row.consumer,
    agreement: row.agreement,
    requestedBy: row.requested_by,
    matter: row.matter,
    deliveredAt: row.delivered_at,
    kind: row.kind,
    rows: manifest.body.rows,
    found,
    equal,
    columns: Object.fromEntries(shares),
    notDelivered: columns.filter((column) => !delivered.includes(column)),
    notInFile: delivered.filter((column) => !columns.includes(column)),
    order: { inOrder, neighbours, chance: Math.round(chance * 10) / 10, matches },
    record: recorded ? 'whole' : 'order-only',
  };
}

/** Clearly better: by two in a hundred of the rows, and not by a few rows alone. */
const CLEAR_SHARE = 0.02;
const CLEAR_ROWS = 5;

function verdictOf(candidates: readonly TraceCandidateFinding[], compared: number): TraceFinding['verdict'] {
  const [first, second] = candidates;
  if (!first) return 'none';
  if (candidates.filter(({ order }) => order.matches).length === 1) return 'identified';
  if (first.order.matches || !second) return 'undetermined';
  const ahead = first.equal - second.equal;
  const clear = ahead >= CLEAR_ROWS && ahead >= CLEAR_SHARE * compared && first.equal >= compared / 2;
  return clear ? 'probable' : 'undetermined';
}
