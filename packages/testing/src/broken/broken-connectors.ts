import { isQianzhiError } from '@qianzhi/model';
import type { Connector, OnRejected, RowRejection } from '@qianzhi/plugin-api';
import type { ConnectorHarness, ContractGroup } from '../connector/harness.js';
import { createReferenceConnector } from '../reference/connector.js';
import { harnessFor } from '../reference/harness.js';
import { createMemoryServer, type MemoryServer, putFile } from '../reference/memory-server.js';
import { wrapConnection, wrapFileSink, wrapQuery, wrapRows, wrapSink, wrapSource } from './wrap.js';

/** The reference connector with one fault of the kind that real connectors had, and the group that must find it. */
export interface BrokenConnector {
  readonly name: string;
  readonly breaks: ContractGroup;
  readonly harness: () => ConnectorHarness;
}

type Damage = (good: Connector, server: MemoryServer) => Connector;

function broken(breaks: ContractGroup, name: string, damage: Damage): BrokenConnector {
  return {
    name,
    breaks,
    harness() {
      const server = createMemoryServer('broken', 'reader', 'br0ken-pässwörd!');
      return { ...harnessFor(server, damage(createReferenceConnector(server), server)), name };
    },
  };
}

const neverAborts = () => new AbortController().signal;

export const brokenConnectors: readonly BrokenConnector[] = [
  broken('describe', 'claims to see deletes by a strategy it does not read', (good) => ({
    ...good,
    capabilities: { ...good.capabilities, seesDeletes: [...good.capabilities.seesDeletes, 'diff'] },
  })),
  broken('check', 'reports a wrong login as success', (good, server) => ({
    ...good,
    open: (config, context, signal) =>
      good.open({ ...(config as object), user: server.user, password: server.password }, context, signal),
  })),
  broken('discover', 'does not see the primary key', (good) =>
    wrapConnection(good, (connection) => ({
      discover: async (filter, signal) =>
        (await connection.discover(filter, signal)).map((table) => ({ ...table, primaryKey: [] })),
    })),
  ),
  broken('values', 'rounds decimals through a JS number', (good) =>
    wrapRows(good, ({ resource }) => (row) => ({
      ...row,
      fields: row.fields.map((value, at) => {
        const item = resource.items[at];
        return item?.type === 'N' && value !== null ? Number(value).toFixed(item.scale ?? 0) : value;
      }),
    })),
  ),
  broken('values', 'takes an empty text for NULL', (good) =>
    wrapRows(good, () => (row) => ({
      ...row,
      fields: row.fields.map((value) => (value === '' ? null : value)),
    })),
  ),
  broken('snapshot', 'reads on after maxRows', (good) =>
    wrapSource(good, (source) => ({
      read: (checkpoint, { blockBytes }, signal) => source.read(checkpoint, { blockBytes }, signal),
    })),
  ),
  broken('watermark', 'asks for times after the last one and loses ties', (good) =>
    wrapRows(good, ({ resource, strategy }, checkpoint) => {
      const timeAt = resource.items.findIndex((item) => item.column === 'updated_at');
      const last =
        strategy === 'watermark' && checkpoint
          ? (JSON.parse(checkpoint) as { time: string }).time
          : undefined;
      return (row) => (last !== undefined && row.fields[timeAt] === last ? undefined : row);
    }),
  ),
  broken('flag', 'never sets a row done', (good) =>
    wrapSource(good, (source, { strategy }) => ({
      async confirm(checkpoint, signal) {
        if (strategy !== 'flag') await source.confirm(checkpoint, signal);
      },
    })),
  ),
  broken('change-table', 'swallows deletes', (good) =>
    wrapRows(
      good,
      ({ strategy }) =>
        (row) =>
          strategy === 'change-table' && row.op === 'D' ? undefined : row,
    ),
  ),
  broken('log', 'goes on from where the log ends when its first copy does', (good, server) =>
    wrapSource(good, (source, { strategy, source: wanted }) => ({
      async *read(checkpoint, limits, signal) {
        for await (const block of source.read(checkpoint, limits, signal)) {
          const late = strategy === 'log' && block.kind === 'rows' && block.lastOfSnapshot;
          const table = server.tables.get((wanted as { table: string }).table);
          const after = (table?.nextChange ?? 1) - 1;
          yield late ? { ...block, checkpoint: JSON.stringify({ at: 'changes', after }) } : block;
          if (late) return;
        }
      },
    })),
  ),
  broken('confirm', 'purges the change table while reading', (good) =>
    wrapSource(good, (source, { strategy }) => ({
      async *read(checkpoint, limits, signal) {
        for await (const block of source.read(checkpoint, limits, signal)) {
          if (strategy === 'change-table') await source.confirm(block.checkpoint, signal);
          yield block;
        }
      },
    })),
  ),
  broken('abort', 'does not listen to the signal', (good) =>
    wrapConnection(good, (connection) => ({
      async source(spec, signal) {
        const source = await connection.source(spec, signal);
        return { ...source, read: (checkpoint, limits) => source.read(checkpoint, limits, neverAborts()) };
      },
      async sink(spec, signal) {
        const sink = await connection.sink(spec, signal);
        return { ...sink, write: (batch, onRejected) => sink.write(batch, onRejected, neverAborts()) };
      },
    })),
  ),
  broken('sink-merge', 'applies a repeated batch again', (good, server) =>
    wrapSink(good, (sink) => ({
      async write(batch, onRejected, signal) {
        const before = new Map(server.ledger);
        const known = (await sink.ledgerHead(batch.delivery, signal))?.rowsDigest === batch.rowsDigest;
        if (!known || batch.kind === 'snapshot') return sink.write(batch, onRejected, signal);
        server.ledger.clear();
        const row = await sink.write(batch, onRejected, signal);
        for (const [name, rows] of before) server.ledger.set(name, rows);
        return row;
      },
    })),
  ),
  broken('sink-snapshot', 'shows parts before the last one', (good, server) => {
    let hide = () => {};
    return wrapSink(good, (sink) => ({
      async write(batch, onRejected, signal) {
        hide();
        const row = await sink.write(batch, onRejected, signal);
        if (row.stage !== 'staged') return row;
        const before = [...server.tables.values()].map((table) => ({ table, as: { ...table } }));
        hide = () => {
          for (const { table, as } of before) Object.assign(table, as);
          hide = () => {};
        };
        const early = { ...batch, delivery: { ...batch.delivery, agreement: `early-${batch.seq}` } };
        const whole = { ...batch.snapshot!, part: 1, last: true };
        await sink.write({ ...early, snapshot: whole }, async () => {}, signal);
        return row;
      },
    }));
  }),
  broken('sink-parts', 'counts a part as soon as it is loaded', (good) =>
    wrapSink(good, (sink) => ({
      parts: {
        atOnce: 2,
        async load(batch, signal) {
          const rejected: RowRejection[] = [];
          const keep: OnRejected = async (rows) => void rejected.push(...rows);
          const row = await sink.write(batch, keep, signal);
          return {
            async commit(onRejected) {
              if (rejected.length > 0) await onRejected(rejected, signal);
              return row;
            },
            async [Symbol.asyncDispose]() {},
          };
        },
      },
    })),
  ),
  broken('sink-reject', 'sends another row to quarantine than the one refused', (good) =>
    wrapSink(good, (sink) => ({
      write: (batch, onRejected, signal) =>
        sink.write(
          batch,
          (rows, signal) =>
            onRejected(
              rows.map((row) => ({ ...row, row: row.row + 1 })),
              signal,
            ),
          signal,
        ),
    })),
  ),
  broken('files', 'begins every file again after a restart', (good) =>
    wrapSource(good, (source, { strategy }) => ({
      read(checkpoint, limits, signal) {
        if (strategy !== 'files' || checkpoint === undefined) return source.read(checkpoint, limits, signal);
        return source.read(JSON.stringify({ ...JSON.parse(checkpoint), offset: 0 }), limits, signal);
      },
    })),
  ),
  broken('files', 'shows a file before it is whole', (good, server) =>
    wrapFileSink(good, (sink) => ({
      async write(part, onRejected, signal) {
        const row = await sink.write(part, onRejected, signal);
        const target = server.folders.get('received_1')!;
        if (row.stage === 'staged') putFile(target, part.file.name, part.bytes);
        return row;
      },
    })),
  ),
  broken('files', 'counts whole files that come together as one', (good) =>
    wrapFileSink(good, (sink) => ({
      async writeWhole(files, onRejected, signal) {
        const row = await sink.writeWhole!(files, onRejected, signal);
        return { ...row, counts: { ...row.counts, delivered: 1, inserted: 1 } };
      },
    })),
  ),
  broken('files', 'does not prove the digest of the whole', (good, server) =>
    wrapFileSink(good, (sink) => ({
      async write(part, onRejected, signal) {
        try {
          return await sink.write(part, onRejected, signal);
        } catch (error) {
          if (!isQianzhiError(error, 'QZ_REFERENCE_FILE_DIFFERS')) throw error;
          putFile(server.folders.get('received_1')!, part.file.name, part.bytes);
          throw error;
        }
      },
    })),
  ),
  broken('drift', 'reads an item without a column as NULL', (good, server) =>
    wrapConnection(good, (connection) => ({
      source(spec, signal) {
        const { table } = spec.source as { table: string };
        const there = new Set(server.tables.get(table)?.columns.map((column) => column.column));
        const items = spec.resource.items.filter((item) => there.size === 0 || there.has(item.column));
        return connection.source({ ...spec, resource: { ...spec.resource, items } }, signal);
      },
    })),
  ),
  broken('query', 'shows what a bound cut off as complete', (good) =>
    wrapQuery(good, (query) => ({
      async run(values, limits, signal) {
        return { ...(await query.run(values, limits, signal)), stoppedBy: undefined };
      },
    })),
  ),
  broken('query', 'asks for many sets in another order', (good) =>
    wrapQuery(good, (query) => ({
      async runEach(sets, limits, signal) {
        return (await query.runEach(sets.toReversed(), limits, signal)).toReversed();
      },
    })),
  ),
  broken('secrets', 'shows the password in an error', (good) => ({
    ...good,
    async open(config, context, signal) {
      try {
        return await good.open(config, context, signal);
      } catch (error) {
        throw Object.assign(error as Error, { connection: JSON.stringify(config) });
      }
    },
  })),
];
