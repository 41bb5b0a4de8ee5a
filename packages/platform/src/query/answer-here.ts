import {
  answerText,
  type CatalogItem,
  type CatalogResource,
  isQianzhiError,
  type Lookup,
  type QueryAnswer,
  type QueryRequest,
  type QueryService,
  readScope,
  type StoppedBy,
  scopeColumns,
} from '@qianzhi/model';
import { signDocument, suiteOf } from '@qianzhi/model/crypto';
import { compileProjector, compileScope, keyOf, readRows, rowFate } from '@qianzhi/rows';
import { pseudonymKey } from '../exchange/deliveries/projection.js';
import type { PlatformContext } from '../server/context.js';
import type { FoundRows } from '../state/lookup.js';
import type { States } from '../state/states.js';
import { queryErrors } from './errors.js';
import type { Judged } from './judge.js';
import type { Known } from './known.js';
import type { Proven, Question } from './prove.js';

/** Who answers a question: an agent by its connection, or the platform itself. */
export interface Answering {
  readonly agent: string;
  readonly tunnel: string;
  answer(question: Question, judged: Judged, signal: AbortSignal): Promise<Proven>;
}

/** A state that is behind is brought forward after it has answered, no more often than this. */
const FORWARD_MS = 60_000;

/** Answers key look-ups from the rows that the platform has received, as of the newest state; the very first waits until there is one. */
export function createAnswerHere(
  { db, now, signingKey, stopping, log }: PlatformContext,
  states: Pick<States, 'lookup' | 'current' | 'release'>,
  known: Pick<Known, 'hasDuty'>,
): (resource: CatalogResource) => Answering {
  const forwarded = new Map<string, number>();

  async function fold(resource: string): Promise<void> {
    const use = `query ${resource}`;
    try {
      await states.current(resource, use, stopping);
    } finally {
      states.release(use);
    }
  }

  function bringForward(resource: string): void {
    const at = performance.now();
    if (at - (forwarded.get(resource) ?? -FORWARD_MS) < FORWARD_MS) return;
    forwarded.set(resource, at);
    fold(resource).catch((err) => {
      if (!stopping.aborted)
        log.warn({ err, resource }, 'bringing the state that queries are answered from forward failed');
    });
  }

  /** Of suppliers that are one still. */
  async function found(resource: string, keys: readonly string[]): Promise<FoundRows[]> {
    const held: FoundRows[] = [];
    for (const one of await states.lookup(resource, keys))
      if (await known.hasDuty(resource, one.state.agent)) held.push(one);
    return held;
  }

  async function lookUp(
    resource: string,
    keys: readonly string[],
    signal: AbortSignal,
  ): Promise<FoundRows[]> {
    const there = await found(resource, keys);
    if (there.some(({ behind }) => behind > 0)) bringForward(resource);
    if (there.length > 0) return there;
    try {
      await orAborted(fold(resource), signal);
    } catch (error) {
      if (!isQianzhiError(error, 'QZ_PLATFORM_STATE_NONE')) throw error;
      throw queryErrors.QUERY_STATE_NONE({ resource }, error);
    }
    const made = await found(resource, keys);
    if (made.length === 0) throw queryErrors.QUERY_STATE_NONE({ resource });
    return made;
  }

  async function shownRows(
    { grant, items }: Judged,
    resource: CatalogResource,
    { resource: held, rows, state }: FoundRows,
  ): Promise<Map<string, Buffer[]>> {
    const { rows: condition } = grant.body;
    const judged = condition === undefined ? [] : scopeColumns(readScope(condition, resource));
    const changed = [...items, ...judged].find(
      (column) => !isAlike(itemOf(held, column), itemOf(resource, column)),
    );
    if (changed !== undefined)
      throw queryErrors.QUERY_STATE_OTHER({ resource: resource.code, agent: state.agent, item: changed });
    const granted = Object.entries(grant.body.masks).filter(([column]) => items.includes(column));
    const masks = Object.fromEntries(granted);
    const key = Object.values(masks).includes('pseudonym')
      ? await pseudonymKey(db, grant.body.agreement)
      : undefined;
    const projector = compileProjector(held, items, { masks, pseudonymKey: key });
    const keyFields = held.items.flatMap((item, at) => (item.key ? [at] : []));
    const scope = condition === undefined ? undefined : compileScope(held, condition);
    const byKey = new Map<string, Buffer[]>();
    for (const row of rows) {
      if (scope?.judge(row)[0] === rowFate.drop) continue;
      const name = keyOf(row, keyFields);
      byKey.set(name, [...(byKey.get(name) ?? []), Buffer.from(projector.project(row))]);
    }
    return byKey;
  }

  async function answer(
    resource: CatalogResource,
    { document: request, digest: requestDigest }: Question,
    judged: Judged,
    signal: AbortSignal,
  ): Promise<Proven> {
    const keys = request.body.lookups.map((lookup) => keyText(lookup, judged.service, resource));
    const suppliers = await lookUp(resource.code, [...new Set(keys)], signal);
    const shown: Map<string, Buffer[]>[] = [];
    for (const one of suppliers) shown.push(await shownRows(judged, resource, one));
    const rowsOf = (key: string) => shown.flatMap((rows) => rows.get(key) ?? []);
    const { pieces, counts, stoppedBy } = bounded(keys.map(rowsOf), request.body, judged.service);
    const bytes = Buffer.concat(pieces);
    const digest = suiteOf('intl').digest(bytes);
    const body: QueryAnswer = {
      type: 'query-answer',
      version: 1,
      id: request.body.id,
      requestDigest,
      agent: 'platform',
      rows: pieces.length,
      counts,
      complete: stoppedBy === null,
      stoppedBy,
      rejected: 0,
      bytes: bytes.length,
      rowsDigest: digest,
      states: suppliers.map(({ state: { agent, epoch, seq }, storedAt, behind }) => ({
        agent,
        epoch,
        seq,
        storedAt,
        behind,
      })),
      answeredAt: now().toISOString(),
    };
    const values: (string | null)[][] = [];
    readRows(bytes, (_, fields) => values.push(fields));
    return { answer: signDocument(body, signingKey), values, digest, bytes: bytes.length, own: true };
  }

  return (resource) => ({
    agent: 'platform',
    tunnel: 'platform',
    answer: (question, judged, signal) => answer(resource, question, judged, signal),
  });
}

/** What goes over a bound is left out, and said. */
function bounded(
  sets: readonly (readonly Buffer[])[],
  { maxRows, maxBytes }: QueryRequest,
  service: QueryService,
) {
  const pieces: Buffer[] = [];
  const counts: number[] = [];
  let bytes = 0;
  let stoppedBy: StoppedBy | null = null;
  for (const rows of sets) {
    let count = 0;
    let isFull = false;
    for (const row of rows) {
      isFull = pieces.length >= maxRows || bytes + row.length > maxBytes;
      if (isFull || count >= service.maxRows) {
        stoppedBy ??= isFull && pieces.length < maxRows ? 'bytes' : 'rows';
        break;
      }
      pieces.push(row);
      bytes += row.length;
      count += 1;
    }
    counts.push(count);
    if (isFull) break;
  }
  return { pieces, counts, stoppedBy };
}

/** As `keyOf` gives it of a row: key items in their order, as row text. */
function keyText(lookup: Lookup, { parameters }: QueryService, { items }: CatalogResource): string {
  const key = items.filter((item) => item.key);
  const values = key.map(({ column }) => {
    const parameter = parameters.find(({ item }) => item === column);
    return (parameter && lookup[parameter.name]) ?? null;
  });
  return keyOf(
    Buffer.from(answerText([values])),
    key.map((_, at) => at),
  );
}

const itemOf = ({ items }: CatalogResource, wanted: string) => items.find(({ column }) => column === wanted);

/** Rows of an earlier schema version are shown where the item is written the same way. */
function isAlike(held: CatalogItem | undefined, now: CatalogItem | undefined): boolean {
  return (
    held !== undefined &&
    now !== undefined &&
    held.type === now.type &&
    held.scale === now.scale &&
    held.instant === now.instant
  );
}

function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
