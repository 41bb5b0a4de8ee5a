import { mkdir, open, readFile, stat, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type DeliveryStream, deliveryName } from '@qianzhi/model';
import type { LedgerRow } from '@qianzhi/plugin-api';
import { nothingStaged, type StagedTotals } from '@qianzhi/sql-kit';
import { filesErrors } from '../errors.js';
import { errnoOf } from '../folder/classify.js';
import { syncFolder, writeDurably } from '../folder/durable.js';

/** A batch as the ledger keeps it: what a receipt is made from, and what is still to be done for it after a crash. */
export interface Entry {
  readonly row: LedgerRow;
  readonly part?: number | undefined;
  /** Number of the file that the rows are in; files are numbered without end, whatever stream they come from. */
  readonly number?: number | undefined;
  /** Name of the unfinished file, and the length up to which its bytes are of batches in the ledger. */
  readonly unfinished?: string | undefined;
  readonly bytes?: number | undefined;
  /** Digest and name of the file whose parts it holds, where files are carried as they are. */
  readonly of?: string | undefined;
  /** Name of the unfinished folder that holds several whole files: this entry is the commit of all of them. */
  readonly folder?: string | undefined;
  /** Name it gets: this entry is the commit, the renaming only follows from it. */
  readonly file?: string | undefined;
}

type Line =
  | { readonly entry: Entry }
  | { readonly discard: string }
  | { readonly supplier: string }
  /** First line of a file that was shortened. */
  | { readonly number: number };

/** Past so many lines the file is written anew, with the newest rows of each stream. */
const MOST_LINES = 20_000;
const KEPT_ROWS = 2000;

/** The ledger of one target: a file of JSON lines, only ever appended to. One writer at a time. */
export interface Ledger {
  /** Brings in what other sinks of this target wrote; cuts off a line that a crash left unfinished. */
  refresh(): Promise<void>;
  readonly supplier: string | undefined;
  /** Highest number given to a file. */
  readonly number: number;
  readonly last: Entry | undefined;
  entries(exchange: string, delivery: DeliveryStream): readonly Entry[];
  /** Parts of a snapshot that is not applied yet, behind what is applied last. */
  staged(exchange: string, delivery: DeliveryStream): readonly Entry[];
  /** Every unfinished file that the ledger still needs. */
  unfinished(): ReadonlySet<string>;
  /** Durable when it resolves: this is the commit of a batch. */
  add(entry: Entry): Promise<void>;
  discard(exchange: string, delivery: DeliveryStream): Promise<void>;
  claim(supplier: string): Promise<void>;
}

const streamOf = (exchange: string, delivery: DeliveryStream) => `${exchange}/${deliveryName(delivery)}`;

export function stagedTotals(entries: readonly Entry[]): StagedTotals {
  return entries.reduce(
    (sum, { row, part }) => ({
      parts: Math.max(sum.parts, part ?? 0),
      delivered: sum.delivered + row.counts.delivered,
      rejected: sum.rejected + row.counts.rejected,
    }),
    nothingStaged,
  );
}

/** Nothing is read or made before `refresh`. */
export function openLedger(path: string): Ledger {
  let streams = new Map<string, Entry[]>();
  let supplier: string | undefined;
  let number = 0;
  let last: Entry | undefined;
  let lines = 0;
  let read = { ino: 0n, bytes: 0 };

  function forget(): void {
    streams = new Map();
    supplier = undefined;
    number = 0;
    last = undefined;
    lines = 0;
    read = { ino: 0n, bytes: 0 };
  }

  function take(line: Line): void {
    lines++;
    if ('supplier' in line) supplier = line.supplier;
    else if ('number' in line) number = Math.max(number, line.number);
    else if ('discard' in line) streams.set(line.discard, withoutStaged(streams.get(line.discard) ?? []));
    else {
      const { entry } = line;
      const stream = streamOf(entry.row.exchange, entry.row.delivery);
      const entries = streams.get(stream);
      if (entries) entries.push(entry);
      else streams.set(stream, [entry]);
      number = Math.max(number, entry.number ?? 0);
      last = entry;
    }
  }

  async function append(line: Line): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    const isNew = read.ino === 0n;
    if (isNew) await mkdir(dirname(path), { recursive: true });
    {
      await using file = await open(path, 'a', 0o640);
      await file.appendFile(bytes);
      await file.sync();
      read = { ino: (await file.stat({ bigint: true })).ino, bytes: read.bytes + bytes.length };
    }
    if (isNew) {
      await syncFolder(dirname(path));
      await syncFolder(dirname(dirname(path)));
    }
    take(line);
    if (lines > MOST_LINES) await shorten();
  }

  async function shorten(): Promise<void> {
    const kept: Line[] = [
      { number },
      ...(supplier === undefined ? [] : [{ supplier }]),
      ...[...streams.values()].flatMap((entries) => entries.slice(-KEPT_ROWS)).map((entry) => ({ entry })),
    ];
    await writeDurably(path, kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
    forget();
    await refresh();
  }

  async function refresh(): Promise<void> {
    const stats = await statsOfLedger(path);
    if (!stats) {
      forget();
      return;
    }
    if (stats.ino !== read.ino || Number(stats.size) < read.bytes) forget();
    if (Number(stats.size) === read.bytes) return;
    const bytes = (await readFile(path)).subarray(read.bytes);
    const whole = bytes.lastIndexOf(10) + 1;
    for (const text of bytes.subarray(0, whole).toString('utf8').split('\n').slice(0, -1)) take(parse(text));
    const end = read.bytes + whole;
    if (whole < bytes.length) await truncate(path, end);
    read = { ino: stats.ino, bytes: end };
  }

  function parse(text: string): Line {
    try {
      return JSON.parse(text) as Line;
    } catch {
      throw filesErrors.LEDGER_DAMAGED({ path, line: lines + 1 });
    }
  }

  const entriesOf = (exchange: string, delivery: DeliveryStream) =>
    streams.get(streamOf(exchange, delivery)) ?? [];
  return {
    refresh,
    get supplier() {
      return supplier;
    },
    get number() {
      return number;
    },
    get last() {
      return last;
    },
    entries: entriesOf,
    staged: (exchange, delivery) => stagedOf(entriesOf(exchange, delivery)),
    unfinished: () =>
      new Set([...streams.values()].flatMap(stagedOf).flatMap(({ unfinished }) => unfinished ?? [])),
    add: (entry) => append({ entry }),
    discard: (exchange, delivery) => append({ discard: streamOf(exchange, delivery) }),
    claim: (by) => append({ supplier: by }),
  };
}

async function statsOfLedger(path: string) {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function withoutStaged(entries: readonly Entry[]): Entry[] {
  return entries.slice(0, entries.findLastIndex(({ row }) => row.stage === 'applied') + 1);
}

function stagedOf(entries: readonly Entry[]): Entry[] {
  const behind = entries.slice(withoutStaged(entries).length);
  const snapshot = behind.at(-1)?.row.snapshotId;
  return behind.filter(({ row }) => row.snapshotId === snapshot);
}
