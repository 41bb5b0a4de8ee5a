import { backoffMs, systemClock } from '@qianzhi/engine';
import { isQianzhiError, type QianzhiError, throwIfCancelled, toProblem } from '@qianzhi/model';
import type { PluginLog } from '@qianzhi/plugin-api';
import { createBell } from '../bell.js';
import { agentErrors } from '../errors.js';
import type { ReceivedFeed } from '../received/feed.js';
import { nextLetter, type Sender, sameLetter } from './letter.js';
import type { WebhookTarget } from './schema.js';
import type { Outcome } from './send.js';
import type { DeadLetter, Letter, StateFile } from './state.js';
import { statusOf, type WebhookStatus } from './status.js';
import { unlessDenied } from './unless-denied.js';
import type { WebhookEntry, WebhookLog } from './webhook-log.js';

export interface CourierParts {
  readonly name: string;
  readonly agent: string;
  readonly target: WebhookTarget;
  /** Throws while there is no such feed. */
  readonly feed: () => ReceivedFeed;
  readonly file: StateFile;
  readonly send: (id: string, body: string, signal: AbortSignal) => Promise<Outcome>;
  readonly deliveries: Pick<WebhookLog, 'record'>;
  readonly log: PluginLog;
  readonly now: () => Date;
  readonly retry: { readonly firstMs: number; readonly capMs: number };
}

/** Brings the changes of one feed to one address, in order, one letter at a time. */
export interface Courier {
  status(): WebhookStatus;
  /** One letter, or all. Throws QZ_AGENT_WEBHOOK_LETTER_UNKNOWN. Answers how many. */
  retryDead(id: string | undefined): Promise<number>;
  dropDead(id: string | undefined): Promise<number>;
  /** Feed, lease or orders may be others now. */
  look(): void;
  close(): Promise<void>;
}

/** What waits, waits for this long at most before it is looked at again. */
const LOOK_AGAIN_MS = 5_000;
/** More letters set aside than this block, too: somebody has to look. */
const MOST_DEAD = 1_000;

export function startCourier(parts: CourierParts): Courier {
  const { name, target, file, deliveries, log, now } = parts;
  const { state } = file;
  const sender: Sender = { agent: parts.agent, webhook: name };
  const closing = new AbortController();
  const bell = createBell();
  let problem: QianzhiError | undefined;
  let nextAt: number | undefined;
  let phase: WebhookStatus['state'] = 'idle';
  let unsubscribe: (() => void) | undefined;
  let saving: Promise<void> = Promise.resolve();

  function save(): Promise<void> {
    const mine = saving.then(() => file.save());
    saving = mine.catch(() => undefined);
    return mine;
  }

  function openFeed(): ReceivedFeed {
    const feed = parts.feed();
    unsubscribe ??= feed.onAppended(bell.ring);
    return feed;
  }

  function isBlocked(): boolean {
    const { dead } = state;
    return dead.length > 0 && (target.onDead === 'block' || dead.length >= MOST_DEAD);
  }

  /** Undefined where nothing is to be sent now. */
  async function letterToSend(feed: ReceivedFeed) {
    const retried = state.dead.find(({ retrying }) => retrying);
    const waiting = retried ?? (isBlocked() ? undefined : state.pending);
    if (waiting) {
      const written = await sameLetter(feed, sender, waiting);
      if (written) return { ...written, was: waiting };
      await settle(waiting); // nothing is left of it to tell
      return letterToSend(feed);
    }
    if (isBlocked()) return undefined;
    const written = await gather(feed);
    if (!written) return undefined;
    state.pending = written.letter;
    // on the disk before it is sent: sent again after a crash it has the same id
    await save();
    return { ...written, was: written.letter };
  }

  async function gather(feed: ReceivedFeed) {
    if (state.cursor === undefined) {
      state.cursor = target.from === 'now' && !state.reset ? await feed.end() : await feed.beginning();
      await save();
    }
    const start = { after: state.cursor, reset: state.reset };
    const found = await nextLetter(feed, sender, start, target.batch);
    if (!found.written) {
      if (found.next !== state.cursor) state.cursor = found.next;
      return undefined;
    }
    if (found.full || target.batch.ms === 0) return found.written;
    await systemClock.wait(target.batch.ms, closing.signal);
    return (await nextLetter(feed, sender, start, target.batch)).written;
  }

  /** A letter is done with: sent, dead, or nothing is left of it. */
  async function settle(letter: Letter): Promise<void> {
    if (letter === state.pending) passBy(letter);
    else state.dead = state.dead.filter((one) => one !== letter);
    await save();
  }

  function passBy({ last }: Letter): void {
    state.cursor = last;
    state.reset = false;
    delete state.pending;
    nextAt = undefined;
  }

  /** Throws QZ_AGENT_WEBHOOK_LOG_UNWRITABLE: what cannot be proven later is not sent, and what became of it not passed by. */
  function record(
    { id, last, records, bytes, digest, attempts }: Letter,
    what: Pick<WebhookEntry, 'kind' | 'resource' | 'agreement' | 'status' | 'code'>,
  ): Promise<void> {
    const { kind, ...rest } = what;
    const place = { webhook: name, host: new URL(target.url).host, exchange: target.exchange };
    const letter = { id, last, records, bytes, bodyDigest: digest, attempt: attempts };
    return deliveries.record({ kind, ...place, ...letter, ...rest });
  }

  async function deliver(feed: ReceivedFeed): Promise<boolean> {
    const found = await letterToSend(feed);
    if (!found) return false;
    const { body, letter, was } = found;
    phase = 'sending';
    const attempt = { ...letter, attempts: letter.attempts + 1 };
    const to = { resource: feed.resource, agreement: await feed.agreement() };
    await record(attempt, { kind: 'sending', ...to });
    // counted in memory alone: the file says how often before the last start, which is enough to end
    Object.assign(was, attempt);
    const outcome = await unlessDenied(feed, bell, closing.signal, (signal) =>
      parts.send(letter.id, body, signal),
    );
    const facts = { webhook: name, id: letter.id, records: letter.records, attempt: was.attempts };
    if (outcome.sent) {
      await record(was, { kind: 'delivered', ...to, status: outcome.status });
      problem = undefined;
      state.sentBatches += 1;
      state.sentRecords += letter.records;
      state.lastSentAt = now().toISOString();
      await settle(was);
      log.info({ ...facts, status: outcome.status }, 'webhook delivered');
      return true;
    }
    const { error, status } = outcome;
    await record(was, { kind: 'failed', ...to, status, code: error.code });
    log.warn({ ...facts, code: error.code }, error.message);
    await putOff(was, outcome);
    return true;
  }

  async function putOff(letter: Letter, { error, final, retryAfterMs }: Extract<Outcome, { sent: false }>) {
    problem = error;
    if (letter !== state.pending) {
      // a dead one that was sent once more; it may have been given up meanwhile
      Object.assign(letter, { retrying: false, problem: toProblem(error), at: now().toISOString() });
      return save();
    }
    if (!final && letter.attempts < target.attempts) {
      const { firstMs, capMs } = parts.retry;
      const pause = Math.max(backoffMs(letter.attempts, firstMs, capMs), Math.min(retryAfterMs ?? 0, capMs));
      nextAt = now().getTime() + pause;
      return save();
    }
    await record(letter, { kind: 'dead', code: error.code });
    // in one with the place behind it: it is in the list, or it is still to be sent
    state.dead.push({ ...letter, at: now().toISOString(), problem: toProblem(error), retrying: false });
    passBy(letter);
    return save();
  }

  /** Each is logged before it is forgotten. */
  async function drop(letters: readonly Letter[], code?: string): Promise<void> {
    try {
      for (const letter of letters) {
        await record(letter, { kind: 'dropped', code });
        if (letter === state.pending) delete state.pending;
        else state.dead = state.dead.filter((one) => one !== letter);
      }
    } finally {
      await save();
    }
  }

  /** What waits is for nobody any more. */
  async function dropAll(error: QianzhiError): Promise<void> {
    const dropped = [...state.dead, ...(state.pending ? [state.pending] : [])];
    nextAt = undefined;
    if (dropped.length === 0) return;
    await drop(dropped, error.code);
    log.warn({ webhook: name, code: error.code, letters: dropped.length }, 'what waited was dropped');
  }

  /** Answers how long to wait for a change; 0 to go on at once. */
  async function step(): Promise<number> {
    try {
      const feed = openFeed();
      await feed.end(); // asked first: what may no longer be read waits for nothing
      const pause = nextAt === undefined ? 0 : nextAt - now().getTime();
      const isRetried = state.dead.some(({ retrying }) => retrying);
      if (pause > 0 && !isRetried) {
        phase = 'retrying';
        return pause;
      }
      if (await deliver(feed)) return 0;
      phase = isBlocked() ? 'blocked' : 'idle';
      problem = isBlocked()
        ? agentErrors.WEBHOOK_DEAD({ webhook: name, dead: state.dead.length })
        : undefined;
      return LOOK_AGAIN_MS;
    } catch (error) {
      // what follows from it may not be storable, either: then that is why
      return stopped(error).catch(stopped);
    }
  }

  async function stopped(error: unknown): Promise<number> {
    throwIfCancelled(closing.signal, `webhook ${name}`);
    if (!isQianzhiError(error)) throw error;
    const isClosed = error.code === 'QZ_AGENT_FEED_CLOSED';
    if (isClosed) await dropAll(error);
    phase = isClosed ? 'closed' : 'waiting';
    if (problem?.code !== error.code) log.warn({ webhook: name, code: error.code }, error.message);
    problem = error;
    if (error.code !== 'QZ_INBOX_CURSOR_GONE') return LOOK_AGAIN_MS;
    const retried = state.dead.find(({ retrying }) => retrying);
    if (retried) Object.assign(retried, { retrying: false, problem: toProblem(error) });
    else {
      delete state.pending;
      delete state.cursor;
      state.reset = true;
    }
    await save();
    return 0;
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      const pause = await step();
      if (pause > 0) await bell.rest(pause, closing.signal);
    }
  }

  const running = run().catch((error) => {
    if (closing.signal.aborted) return;
    phase = 'waiting';
    const reason = { zh: '内部错误', en: 'an error inside' };
    problem = agentErrors.WEBHOOK_FAILED({ webhook: name, reason }, error);
    log.error(
      { webhook: name, error: error instanceof Error ? error.name : 'unknown' },
      'the webhook gave up',
    );
  });

  function deadOnes(id: string | undefined): DeadLetter[] {
    const found = state.dead.filter((one) => id === undefined || one.id === id);
    if (id !== undefined && found.length === 0)
      throw agentErrors.WEBHOOK_LETTER_UNKNOWN({ webhook: name, id });
    return found;
  }

  return {
    status: () => statusOf({ name, target, state, phase, nextAt, problem }),
    async retryDead(id) {
      const found = deadOnes(id);
      for (const one of found) one.retrying = true;
      bell.ring();
      return found.length;
    },
    async dropDead(id) {
      const found = deadOnes(id);
      await drop(found);
      bell.ring();
      return found.length;
    },
    look: bell.ring,
    async close() {
      closing.abort();
      unsubscribe?.();
      await running;
      await saving;
    },
  };
}
