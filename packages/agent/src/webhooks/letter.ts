import { randomUUID } from 'node:crypto';
import type { Cursor, FeedRecord } from '@qianzhi/plugin-api';
import type { ReceivedFeed } from '../received/feed.js';
import type { WebhookTarget } from './schema.js';
import { digestOf, type Letter } from './state.js';

/** What is posted: `type` and `data` as the Standard Webhooks specification has them. */
export interface WebhookBody {
  readonly type: 'records' | 'test';
  /** When the newest of its records was applied. */
  readonly timestamp: string;
  readonly data: {
    readonly agent: string;
    readonly webhook: string;
    readonly exchange: string;
    readonly resource: string;
    /** In order; each has a cursor that is never used again. */
    readonly records: readonly FeedRecord[];
  };
}

export interface Written {
  readonly body: string;
  readonly letter: Letter;
}

/** Where a letter begins, and whether it says that all before is void. */
export interface Start {
  readonly after: Cursor;
  readonly reset: boolean;
}

export interface Sender {
  readonly agent: string;
  readonly webhook: string;
}

export interface NextLetter {
  readonly written: Written | undefined;
  /** Where the feed was read to, with or without a letter. */
  readonly next: Cursor;
  /** More was there than went into it. */
  readonly full: boolean;
}

/** The next letter behind a place; none where there is nothing to tell. */
export async function nextLetter(
  feed: ReceivedFeed,
  sender: Sender,
  { after, reset }: Start,
  { records: limit, kib }: WebhookTarget['batch'],
): Promise<NextLetter> {
  const page = await feed.read(after, limit);
  const taken = withinBytes(page.records, kib * 1024);
  const full = taken.length < page.records.length || !page.end || taken.length === limit;
  if (taken.length === 0) return { written: undefined, next: page.next, full };
  return { written: written(feed, sender, { after, reset }, taken), next: taken.at(-1)!.cursor, full };
}

/** The letter once more: as it was, with its id, or with what is left to tell of it, under another. */
export async function sameLetter(
  feed: ReceivedFeed,
  sender: Sender,
  letter: Letter,
): Promise<Written | undefined> {
  const page = await feed.read(letter.after, letter.records);
  const [first] = page.records;
  if (!first) return undefined;
  const again = written(feed, sender, letter, page.records);
  const same = again.letter.digest === letter.digest;
  const { attempts } = letter;
  return { body: again.body, letter: same ? letter : { ...again.letter, attempts } };
}

function written(
  { exchange, resource }: ReceivedFeed,
  { agent, webhook }: Sender,
  { after, reset }: Start,
  records: readonly FeedRecord[],
): Written {
  const newest = records.at(-1)!;
  const content: WebhookBody = {
    type: 'records',
    timestamp: newest.at,
    data: {
      agent,
      webhook,
      exchange,
      resource,
      records: reset ? [resetBefore(records[0]!), ...records] : records,
    },
  };
  const body = JSON.stringify(content);
  const letter = {
    id: `msg_${randomUUID()}`,
    after,
    last: newest.cursor,
    records: records.length,
    bytes: Buffer.byteLength(body),
    digest: digestOf(body),
    reset,
    attempts: 0,
  };
  return { body, letter };
}

/** The feed no longer had what came before: whoever listens begins anew. */
function resetBefore({ cursor, at, deliverySeq }: FeedRecord): FeedRecord {
  return { cursor: `${cursor}-reset`, op: 'reset', key: {}, values: {}, deliverySeq, at };
}

/** At least one, however large. */
function withinBytes(records: readonly FeedRecord[], limit: number): readonly FeedRecord[] {
  let bytes = 0;
  const over = records.findIndex((record, at) => {
    bytes += Buffer.byteLength(JSON.stringify(record));
    return at > 0 && bytes > limit;
  });
  return over === -1 ? records : records.slice(0, over);
}
