import {
  type CatalogResource,
  checkShape,
  type DifferenceCounts,
  noDifferences,
  type ReconcileReport,
} from '@qianzhi/model';
import { type Static, Type } from '@qianzhi/model/schema';
import { type Buckets, decodeBuckets } from './buckets.js';
import {
  compareEntries,
  countDifferences,
  type Differences,
  MOST_DIFFERENCES,
  settle,
} from './differences.js';
import { type Entries, requireEntries } from './entries.js';
import { reconcileErrors } from './errors.js';
import { type ComparisonForm, FormSchema, joinForms } from './form.js';
import { createLooks, type Looks, type ReadSide } from './looks.js';
import { openTalk, type Talk, type TalkOf } from './sealed-talk.js';

const PositionSchema = Type.Object({
  epoch: Type.Integer({ minimum: 1 }),
  seq: Type.Integer({ minimum: 0 }),
});
/** The newest batch of the provider's stream. */
export type StreamPosition = Static<typeof PositionSchema>;

const KeysSchema = Type.Array(Type.Tuple([Type.String(), Type.String()]));
const RepairedSchema = Type.Object({
  sent: Type.Integer({ minimum: 0 }),
  deleted: Type.Integer({ minimum: 0 }),
});

/** A differing key and its kind; `key` is row text of the key items, joined by TAB. */
export interface DifferingKey {
  readonly kind: 'missing' | 'extra' | 'changed' | 'stale' | 'unsettled';
  readonly key: string;
}

export interface RepairWork {
  /** Keys, as row text, of which the provider's rows are to be sent again. */
  readonly send: readonly string[];
  /** Keys that the provider does not hold. */
  readonly remove: readonly string[];
}

/** One side of a reconciliation: what it reads, and how it brings its stream up to now. */
export interface ReconcileSide extends Omit<TalkOf, 'resource' | 'schemaVersion'> {
  /** As both sides see it: granted items, at the schema version of both. */
  readonly resource: CatalogResource;
  /** What this side's database cannot tell. */
  readonly form: ComparisonForm;
  readonly read: ReadSide;
  /**
   * The provider supplies what there is now and answers where its stream then is; the consumer is given that position and
   * applies up to it.
   */
  catchUp(position: StreamPosition | undefined, signal: AbortSignal): Promise<StreamPosition | undefined>;
  /** Of the provider: sends through the normal path; answers what was sent. Ends when all has its receipt. */
  repair(work: RepairWork, signal: AbortSignal): Promise<{ readonly sent: number; readonly deleted: number }>;
  /** Repair was ordered. */
  readonly repairs: boolean;
  /** Tells what is being done: shown to who waits. */
  readonly onStep?: (step: ReconcileStep) => void;
}

export type ReconcileStep = 'greeting' | 'catching-up' | 'counting' | 'locating' | 'checking' | 'repairing';

type Counted = Pick<
  ReconcileReport,
  'rows' | 'digests' | 'found' | 'repaired' | 'remaining' | 'excluded' | 'complete'
>;

/** The same on both sides, but for `stale`, which each knows of itself. */
export interface ReconcileOutcome extends Counted {
  /** Keys that remain, known to both agents. */
  readonly keys: readonly DifferingKey[];
  /** Keys of rows here that are rejected, or not readable: the first 10,000. */
  readonly unfit: readonly string[];
}

/** Rounds in which what moved is looked at again. */
const ROUNDS = 3;
/** Rows that are looked at one by one, of each side: 8 MB. */
const MOST_ENTRIES = 250_000;

/**
 * One side's part of a reconciliation, in step with the other's. Both come to the same answer from the same digests: counts and
 * sums for each bucket; the rows of buckets that differ; and, each time after the streams have caught up, the differing keys
 * again until both sides stand still.
 */
export async function reconcile(side: ReconcileSide, signal: AbortSignal): Promise<ReconcileOutcome> {
  side.onStep?.('greeting');
  const { resource } = side;
  const talk = await openTalk(
    { ...side, resource: resource.code, schemaVersion: resource.schemaVersion },
    signal,
  );
  const form = await agreeOnForm(talk, side.form, signal);
  const looks = createLooks({ ...side, form, secret: talk.digestKey });
  const run = { side, talk, looks, signal };

  await catchUp(run);
  side.onStep?.('counting');
  const own = await looks.all(signal);
  const unfit = looks.unfit();
  await talk.send('buckets', own.encode(), signal);
  const theirs = decodeBuckets(await talk.receive('buckets', signal));
  const [provider, consumer] = inOrder(side, own, theirs);
  const counted = {
    rows: { provider: provider.rows, consumer: consumer.rows },
    digests: { provider: totalOf(provider), consumer: totalOf(consumer) },
    excluded: form.excluded,
  };
  const located = await locate(run, provider, consumer);
  if (located.candidates.size === 0) {
    const none = { found: noDifferences, remaining: noDifferences, repaired: { sent: 0, deleted: 0 } };
    return { ...counted, ...none, complete: located.complete, keys: [], unfit };
  }
  const found = await check(run, located.candidates);
  const texts = await swapKeys(run, found);
  const repaired = side.repairs ? await repair(run, found, texts) : { sent: 0, deleted: 0 };
  const remaining = repaired.sent + repaired.deleted > 0 ? await checkRepaired(run, found) : found;
  return {
    ...counted,
    found: countOf(found),
    repaired,
    remaining: countOf(remaining),
    complete: located.complete,
    keys: keysOf(remaining, texts),
    unfit,
  };
}

interface Run {
  readonly side: ReconcileSide;
  readonly talk: Talk;
  readonly looks: Looks;
  readonly signal: AbortSignal;
}

/** Differences that stood still, and those that never did. */
interface Checked {
  readonly settled: Differences;
  readonly moving: Differences;
  readonly texts: ReadonlyMap<string, string>;
}

async function agreeOnForm(talk: Talk, own: ComparisonForm, signal: AbortSignal): Promise<ComparisonForm> {
  await talk.send('form', json(own), signal);
  return joinForms(own, checkShape(FormSchema, parsed(await talk.receive('form', signal)), 'form'));
}

/** The provider's stream first: what it sends now, the consumer applies before it looks. */
async function catchUp({ side, talk, signal }: Run): Promise<void> {
  side.onStep?.('catching-up');
  if (side.role === 'provider') {
    await talk.send('caught-up', json((await side.catchUp(undefined, signal)) ?? null), signal);
  } else {
    const told = parsed(await talk.receive('caught-up', signal));
    const position = told === null ? undefined : checkShape(PositionSchema, told, 'caught-up');
    await side.catchUp(position, signal);
  }
}

async function locate(
  run: Run,
  provider: Buckets,
  consumer: Buckets,
): Promise<{ candidates: Differences; complete: boolean }> {
  const wanted = new Set<number>();
  const differing = provider.differing(consumer);
  let rows = 0;
  for (const bucket of differing) {
    // both sides choose the same ones
    rows += Math.max(provider.rowsIn(bucket), consumer.rowsIn(bucket));
    if (rows > MOST_ENTRIES && wanted.size > 0) break;
    wanted.add(bucket);
  }
  if (wanted.size === 0) return { candidates: new Map(), complete: true };
  await catchUp(run);
  run.side.onStep?.('locating');
  const entries = await run.looks.buckets(wanted, Math.min(rows, MOST_ENTRIES), run.signal);
  const { differences, complete } = await compareWith(run, 'entries', entries);
  return { candidates: differences, complete: complete && wanted.size === differing.length };
}

async function compareWith({ side, talk, signal }: Run, kind: string, entries: Entries) {
  const own = entries.sorted();
  await talk.send(kind, own, signal);
  const theirs = requireEntries(await talk.receive(kind, signal));
  const [provider, consumer] = inOrder(side, own, theirs);
  return compareEntries(provider, consumer, MOST_DIFFERENCES);
}

/** Looks at the candidates again until each has stood still, is equal, or has moved too often. */
async function check(run: Run, candidates: Differences): Promise<Checked> {
  const settled = new Map();
  const texts = new Map<string, string>();
  let moving = candidates;
  for (let round = 0; round < ROUNDS && moving.size > 0; round++) {
    await catchUp(run);
    run.side.onStep?.('checking');
    const look = await run.looks.keys(new Set(moving.keys()), run.signal);
    const { differences } = await compareWith(run, 'check', look.entries);
    for (const [name, text] of look.texts) texts.set(name, text);
    const now = settle(moving, differences);
    for (const [name, difference] of now.settled) settled.set(name, difference);
    moving = now.moving;
  }
  return { settled, moving, texts };
}

/** Each side knows the text of the keys that it holds; afterwards both know all. Sealed, as everything between them. */
async function swapKeys({ talk, looks, signal }: Run, found: Checked): Promise<ReadonlyMap<string, string>> {
  const named = [...found.settled.keys(), ...found.moving.keys()].flatMap((name) => {
    const text = found.texts.get(name);
    return text === undefined ? [] : [[Buffer.from(name, 'latin1').toString('base64url'), text] as const];
  });
  await talk.send('keys', json(named), signal);
  const texts = new Map(found.texts);
  const theirs = checkShape(KeysSchema, parsed(await talk.receive('keys', signal)), 'keys');
  for (const [encoded, text] of theirs) {
    const name = Buffer.from(encoded, 'base64url').toString('latin1');
    // what is to be deleted must be the very key that differs
    if (looks.nameOf(text) !== name) throw reconcileErrors.MESSAGE_BROKEN({ what: 'keys' });
    texts.set(name, text);
  }
  return texts;
}

async function repair({ side, talk, signal }: Run, found: Checked, texts: ReadonlyMap<string, string>) {
  side.onStep?.('repairing');
  if (side.role === 'consumer') {
    return checkShape(RepairedSchema, parsed(await talk.receive('repaired', signal)), 'repaired');
  }
  const work: { send: string[]; remove: string[] } = { send: [], remove: [] };
  for (const [name, { kind }] of found.settled) {
    const text = texts.get(name);
    if (text === undefined || kind === 'stale') continue;
    (kind === 'extra' ? work.remove : work.send).push(text);
  }
  const nothing = work.send.length + work.remove.length === 0;
  const repaired = nothing ? { sent: 0, deleted: 0 } : await side.repair(work, signal);
  await talk.send('repaired', json(repaired), signal);
  return repaired;
}

async function checkRepaired(run: Run, found: Checked): Promise<Checked> {
  const before = new Map([...found.settled, ...found.moving]);
  return check(run, before);
}

function countOf({ settled, moving }: Checked): DifferenceCounts {
  return { ...countDifferences(settled), unsettled: moving.size };
}

function keysOf({ settled, moving }: Checked, texts: ReadonlyMap<string, string>): DifferingKey[] {
  const all = [
    ...[...settled].map(([name, { kind }]) => ({ name, kind })),
    ...[...moving.keys()].map((name) => ({ name, kind: 'unsettled' as const })),
  ];
  return all.flatMap(({ name, kind }) => {
    const key = texts.get(name);
    return key === undefined ? [] : [{ kind, key }];
  });
}

function inOrder<T>({ role }: ReconcileSide, own: T, theirs: T): readonly [T, T] {
  return role === 'provider' ? [own, theirs] : [theirs, own];
}

function totalOf(buckets: Buckets): string {
  return `keyed-sum-256:${buckets.total().toString('base64url')}`;
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function parsed(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString());
}
