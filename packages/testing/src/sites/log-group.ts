import { type CatalogItem, isQianzhiError } from '@qianzhi/model';
import type { Alongside, RowsBlock, Source } from '@qianzhi/plugin-api';
import { resourceOf } from '../connector/resources.js';
import { noAbort } from '../connector/row-lines.js';
import type { Exchanges } from './open-exchanges.js';
import { emptyReplica, type Replica, replicaWith } from './replica.js';

/** One exchange of a group: what its target holds, and where its receipts are. */
export interface LogMember {
  readonly table: string;
  /** As its sink would leave it. */
  readonly target: Replica;
  /** Reasons of full copies after the first. */
  readonly copied: readonly string[];
  /** Up to here it has receipts; kept by the group when the member is closed, as an agent does. */
  readonly committed: string | undefined;
  /** Its reader takes no more blocks, until what this answers is called. */
  stall(): () => void;
  /** Begins a read that stays open, from where the last one ended. */
  start(): Promise<void>;
  /** Ends it well, as a run that is over; throws what the read threw. */
  stop(): Promise<void>;
  /** Ends it anywhere, and loses what had no receipt. */
  crash(): Promise<void>;
  /** One read to the end of the log, and its confirm. */
  run(): Promise<void>;
}

/** Exchanges of one connector of one agent that follow its log, as the engine opens them. */
export interface LogGroup {
  add(table: string, source?: object): LogMember;
  /** Out of the config. */
  remove(table: string): void;
  /** As a source of this table is given it; of all without one. */
  alongside(table?: string): Alongside;
}

const items: readonly CatalogItem[] = [
  { name: 'id', column: 'id', type: 'I', key: true },
  { name: 'name', column: 'name', type: 'M' },
];

/** Of tables with a key `id` and a text `name`. */
export function createLogGroup(exchanges: Exchanges, name: string): LogGroup {
  const members = new Map<string, { readonly source: object; readonly member: LogMember }>();
  const alongside = (table?: string): Alongside => ({
    name,
    others: () =>
      [...members.values()]
        .filter(({ member }) => member.table !== table)
        .map(({ source, member }) => ({ resource: member.table, source, checkpoint: member.committed })),
  });
  return {
    alongside,
    add(table, more = {}) {
      const source = { table, ...more };
      const open = () =>
        exchanges
          .open()
          .then((connection) =>
            connection.source(
              { resource: resourceOf(table, items), strategy: 'log', source, alongside: alongside(table) },
              noAbort,
            ),
          );
      const member = memberOf(table, open);
      exchanges.keep({ [Symbol.asyncDispose]: () => member.crash() });
      members.set(table, { source, member });
      return member;
    },
    remove: (table) => void members.delete(table),
  };
}

function memberOf(table: string, open: () => Promise<Source>): LogMember {
  let target = emptyReplica;
  let receipted = emptyReplica;
  let reading:
    | { readonly over: AbortController; readonly cut: AbortController; readonly done: Promise<void> }
    | undefined;
  const copied: string[] = [];
  let stalled: Promise<void> | undefined;

  async function read(source: Source, follow: AbortSignal | undefined, cut: AbortSignal): Promise<void> {
    try {
      if (target.checkpoint) await source.confirm(target.checkpoint, noAbort);
      const limits = { blockBytes: 65_536, ...(follow && { follow }) };
      for await (const block of source.read(target.checkpoint, limits, cut)) {
        target = replicaWith(target, block as RowsBlock);
        await stalled;
        await source.confirm(target.checkpoint!, cut);
        receipted = target;
      }
    } finally {
      copied.push(...source.notices().map(({ details }) => String(details['reason'])));
      await source[Symbol.asyncDispose]();
    }
  }

  return {
    table,
    stall() {
      let goOn = () => {};
      stalled = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      return goOn;
    },
    copied,
    get target() {
      return target;
    },
    get committed() {
      return receipted.checkpoint;
    },
    async start() {
      const over = new AbortController();
      const cut = new AbortController();
      const done = read(await open(), over.signal, cut.signal);
      done.catch(() => undefined); // told by `stop`
      reading = { over, cut, done };
    },
    async stop() {
      const ended = reading;
      reading = undefined;
      ended?.over.abort();
      await ended?.done;
    },
    async crash() {
      const ended = reading;
      reading = undefined;
      ended?.cut.abort();
      await ended?.done.catch((error: unknown) => {
        if (!isQianzhiError(error) || error.kind !== 'cancelled') throw error;
      });
      target = receipted;
    },
    run: async () => read(await open(), undefined, noAbort),
  };
}
