import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfCancelled } from '@qianzhi/model';
import type { ReadLimits, RowsBlock, Source, SourceSpec } from '@qianzhi/plugin-api';
import { pushErrors } from '../errors.js';
import type { LoggedRow, PushLog } from '../log/push-log.js';
import { checkpointOf, isPast, type Place, placeOf } from './place.js';
import { createRespelling } from './respell.js';

const ROWS_AT_A_TIME = 1_000;
const OP_SNAPSHOT = 'S'.charCodeAt(0);

/**
 * `snapshot`: the records as they are now. `log`: those first, then each change in the order it was pushed; it follows. The
 * changes stand in the log until they have their receipt, so nothing is read twice and nothing is missed.
 */
export function openSource(
  log: PushLog,
  { resource, strategy }: SourceSpec,
  keepDays: number,
  now: () => Date,
  dispose: () => void,
): Source {
  const { code } = resource;
  const respelled = createRespelling(
    log,
    resource.items.map(({ column }) => column),
    resource.schemaVersion,
  );

  function block(phase: RowsBlock['phase'], rows: readonly LoggedRow[], place: Place): RowsBlock {
    const bytes = Buffer.concat(rows.map(respelled));
    if (phase === 'snapshot') markSnapshot(bytes);
    const checkpoint = checkpointOf(place);
    return { kind: 'rows', phase, bytes, rows: rows.length, repeated: 0, rejected: [], checkpoint };
  }

  const at = (seq: number, copied?: string | null): Place =>
    copied === undefined ? { v: 1, push: log.origin, seq } : { v: 1, push: log.origin, seq, copied };

  /** Undefined: a whole copy has to come first. */
  function known(checkpoint: string | undefined): Place | undefined {
    if (checkpoint === undefined) return undefined;
    const place = placeOf(checkpoint, code);
    if (place.push !== log.origin || place.seq > log.newest())
      throw pushErrors.STORE_BEHIND({ file: log.file, resource: code });
    // changes behind it had their receipt and are gone: the state of the agent was restored, the log was not
    return place.seq < log.purged() ? undefined : place;
  }

  /** Whoever pushes meanwhile, and the signal, have their turn between two blocks. */
  async function turn(signal: AbortSignal): Promise<void> {
    await nextTurn();
    throwIfCancelled(signal, code);
  }

  async function* copy(
    from: Place | undefined,
    limits: ReadLimits,
    signal: AbortSignal,
  ): AsyncGenerator<RowsBlock, Place | undefined> {
    const seq = from?.seq ?? log.newest();
    let key = from?.copied ?? undefined;
    let given = 0;
    for (;;) {
      const read = log.recordsAfter(key, ROWS_AT_A_TIME);
      const records = within(read, limits.blockBytes);
      if (records.length === 0) {
        const place = at(seq);
        yield { ...block('snapshot', [], place), lastOfSnapshot: true };
        return place;
      }
      key = records.at(-1)!.key;
      given += records.length;
      yield block('snapshot', records, at(seq, key));
      await turn(signal);
      if (limits.maxRows !== undefined && given >= limits.maxRows) return undefined;
    }
  }

  async function* changes(from: Place, limits: ReadLimits, signal: AbortSignal): AsyncGenerator<RowsBlock> {
    let { seq } = from;
    let given = 0;
    for (;;) {
      await turn(signal);
      const read = within(log.changesAfter(seq, ROWS_AT_A_TIME), limits.blockBytes);
      if (read.length > 0) {
        seq = read.at(-1)!.seq;
        given += read.length;
        yield block('delta', read, at(seq));
        if (limits.maxRows !== undefined && given >= limits.maxRows) return;
      } else if (limits.follow && !limits.follow.aborted) {
        await log.moreThan(seq, AbortSignal.any([limits.follow, signal]));
      } else return;
    }
  }

  return {
    follows: strategy === 'log',
    async *read(checkpoint, limits, signal) {
      throwIfCancelled(signal, code);
      const place = known(checkpoint);
      let from = place;
      if (!place || place.copied !== undefined || strategy === 'snapshot') {
        from = yield* copy(place?.copied === undefined ? undefined : place, limits, signal);
      }
      if (strategy === 'log' && from) yield* changes(from, limits, signal);
    },
    async confirm(checkpoint) {
      const place = placeOf(checkpoint, code);
      if (place.push !== log.origin || !isPast(place, 0)) return;
      log.confirm(Math.min(place.seq, log.newest()));
      log.forget(new Date(now().getTime() - keepDays * 86_400_000).toISOString());
    },
    notices: () => [],
    async [Symbol.asyncDispose]() {
      dispose();
    },
  };
}

/** As many of them as fill a block, and at least one. */
function within<R extends LoggedRow>(rows: readonly R[], blockBytes: number): readonly R[] {
  let bytes = 0;
  const end = rows.findIndex(({ row }) => {
    bytes += row.length;
    return bytes > blockBytes;
  });
  return end < 0 ? rows : rows.slice(0, Math.max(1, end));
}

function markSnapshot(bytes: Uint8Array): void {
  for (let start = 0; start < bytes.length; ) {
    bytes[start] = OP_SNAPSHOT;
    start = bytes.indexOf(10, start) + 1 || bytes.length;
  }
}
