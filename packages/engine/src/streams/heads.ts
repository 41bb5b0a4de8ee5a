import type { Head, QianzhiError, Stream } from '@qianzhi/model';
import type { StreamHead } from '@qianzhi/plugin-api';
import { withDeadline } from '../clock.js';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import { newStream, type StreamRow, streamOf } from '../store/stream-table.js';
import type { Tables } from '../store/tables.js';

/** Nothing is read or sent before both sides compared what they know (design: restored or lost state). */
export interface HeadsGate {
  /** Compares once; throws when the platform cannot be asked, and asks again the next time. */
  ensure(signal: AbortSignal): Promise<void>;
  /** The platform's refusals say that it knows less than it confirmed: the next `ensure` compares this stream again. */
  again(resource: string): void;
  /** What the platform holds of a stream now, of its newest epoch; undefined when that is nothing. */
  ask(row: StreamRow, signal: AbortSignal): Promise<StreamHead | undefined>;
}

export interface HeadsParts {
  readonly core: Core;
  readonly tables: Tables;
  readonly stop: (resource: string, error: QianzhiError) => void;
}

export function createHeadsGate({ core, tables, stop }: HeadsParts): HeadsGate {
  const { agent } = core.options.identity;
  const heads = new Map<string, StreamHead>();
  const doubtful = new Set<string>();
  let done = false;
  let asking: Promise<void> | undefined;

  async function compare(signal: AbortSignal): Promise<void> {
    const own = tables.streams.all().map((row) => ({ stream: streamOf(row, agent), head: headOf(row) }));
    const answer = await withDeadline('heads', core.limits.channelTimeoutMs, signal, (inner) =>
      core.options.channel.heads(own, inner),
    );
    for (const found of answer) {
      if (found.stream.agent !== agent) continue;
      const known = heads.get(found.stream.resource);
      if (!known || known.stream.epoch < found.stream.epoch) heads.set(found.stream.resource, found);
    }
    for (const { stream, head } of heads.values()) judge(stream, head);
    for (const row of tables.streams.all()) {
      const unknown = !heads.has(row.resource) && row.receipted > 0;
      if (unknown) judge(streamOf(row, agent), { seq: 0, rowsDigest: null });
    }
    done = true;
  }

  /** One stream alone: of another, a receipt may be on its way and the answer already old. */
  async function compareAgain(signal: AbortSignal): Promise<void> {
    for (const resource of doubtful) {
      const row = tables.streams.get(resource)!;
      const found = await ask(row, signal);
      judge(found?.stream ?? streamOf(row, agent), found?.head ?? { seq: 0, rowsDigest: null });
      doubtful.delete(resource);
    }
  }

  async function ask(row: StreamRow, signal: AbortSignal): Promise<StreamHead | undefined> {
    const own = { stream: streamOf(row, agent), head: headOf(row) };
    // a head that was told, here or in what is signed on this answer, must not be lost
    await core.store.synced();
    const answer = await withDeadline('heads', core.limits.channelTimeoutMs, signal, (inner) =>
      core.options.channel.heads([own], inner),
    );
    return answer
      .filter(({ stream }) => stream.resource === row.resource && stream.agent === agent)
      .toSorted((a, b) => b.stream.epoch - a.stream.epoch)[0];
  }

  function judge(stream: Stream, platform: Head): void {
    const row = tables.streams.get(stream.resource);
    if (!row) {
      if (platform.seq === 0 && stream.epoch === 1) return;
      core.store.write(() => tables.streams.put(newStream(stream.resource, stream.epoch)));
      stop(stream.resource, behind(stream, platform, { epoch: 0, seq: 0 }));
      return;
    }
    if (row.epoch > stream.epoch) return; // opened here, first batch not there yet
    if (row.epoch < stream.epoch || row.seq < platform.seq) {
      stop(row.resource, behind(stream, platform, row));
      return;
    }
    const there = platform.seq === 0 ? undefined : tables.batches.get(row.resource, row.epoch, platform.seq);
    if (there && platform.rowsDigest !== null && there.rowsDigest !== platform.rowsDigest) {
      stop(row.resource, engineErrors.HEADS_DIFFER({ stream: row.resource, seq: platform.seq }));
      return;
    }
    if (platform.seq < row.receipted) sendAgain(row, platform.seq);
  }

  /** The platform was restored: everything after its head is sent again from the kept files. */
  function sendAgain(row: StreamRow, from: number): void {
    for (let seq = from + 1; seq <= row.receipted; seq++) {
      if (tables.batches.get(row.resource, row.epoch, seq)?.file) continue;
      const facts = { stream: row.resource, platformSeq: from, seq };
      stop(row.resource, engineErrors.BATCHES_GONE(facts));
      return;
    }
    core.options.log.warn(
      { resource: row.resource, from, to: row.receipted },
      'platform behind: sending again',
    );
    core.store.write(() => {
      tables.batches.keepAgain(row.resource, row.epoch, from, core.now());
      tables.streams.put({ ...row, receipted: from });
    });
  }

  return {
    async ensure(signal) {
      if (done && doubtful.size === 0) return;
      asking ??= (done ? compareAgain(signal) : compare(signal)).finally(() => {
        asking = undefined;
      });
      await asking;
    },
    again: (resource) => void doubtful.add(resource),
    ask,
  };
}

export function headOf(row: StreamRow): Head {
  return { seq: row.seq, rowsDigest: row.rowsDigest };
}

function behind(stream: Stream, platform: Head, own: { readonly epoch: number; readonly seq: number }) {
  return engineErrors.STATE_BEHIND({
    stream: stream.resource,
    platformEpoch: stream.epoch,
    platformSeq: platform.seq,
    ownEpoch: own.epoch,
    ownSeq: own.seq,
  });
}
