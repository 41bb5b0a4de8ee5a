import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { checkShape, throwIfCancelled } from '@qianzhi/model';
import type {
  Connection,
  Connector,
  DiscoverFilter,
  FileSink,
  LedgerRow,
  OnRejected,
  PluginContext,
  SinkSpec,
  Source,
  SourceSpec,
  TableDescription,
  TargetLedger,
} from '@qianzhi/plugin-api';
import { openFileSink } from '../attachments/sink.js';
import { openFileSource } from '../attachments/source.js';
import { type FilesConfig, SourceSchema, TargetSchema } from '../config.js';
import { filesConnector } from '../connector.js';
import { discoverFiles } from '../discover.js';
import { isDescription } from '../folder/description.js';
import { isUnfinishedName } from '../folder/glob.js';
import { formatOf } from '../formats/open-table.js';
import { openSink } from '../sink/sink.js';
import { tryTarget } from '../sink/try-target.js';
import { openSource, readingOf } from '../source/source.js';
import { trySource } from '../source/try-source.js';
import { bringIn, type InMirror, settle } from './bring-in.js';
import { checkServer } from './check.js';
import { type SftpConfig, SftpConfigSchema } from './config.js';
import { listRemote } from './files.js';
import { fetchDescription, type OutMirror, pushOut, standingOn } from './push-out.js';
import { createServer, type Server } from './server.js';
import { download } from './transfer.js';

/**
 * Files in a folder on an SFTP server, read and written as those of a folder here are: complete files are brought into a mirror that
 * the connector of folders reads, and what it writes is put on the server before a batch counts as applied.
 */
export const sftpConnector: Connector = {
  kind: 'connector',
  configSchema: SftpConfigSchema,
  sourceSchema: SourceSchema,
  targetSchema: TargetSchema,
  capabilities: filesConnector.capabilities,
  async open(input, context, signal) {
    throwIfCancelled(signal, 'open');
    const config = checkShape(SftpConfigSchema, structuredClone(input), 'config');
    const server = createServer(config);
    return connectionOf({ config, server, context });
  },
};

interface Opened {
  readonly config: SftpConfig;
  readonly server: Server;
  readonly context: PluginContext;
}

function connectionOf(opened: Opened): Connection {
  const { server } = opened;
  return {
    check: (signal) => checkServer(server, signal),
    discover: (filter, signal) => discoverRemote(opened, filter, signal),
    source: (spec, signal) => openRemoteSource(opened, spec, signal),
    async trySource(spec, signal) {
      const { mirror, folder, mirrored } = inMirrorOf(opened, spec, signal);
      await bringIn(mirror, signal);
      return trySource(folder, mirrored, opened.context, signal);
    },
    async sink(spec, signal) {
      const { mirror, folder, mirrored } = await outMirrorOf(opened, spec, signal);
      const sink = await openSink(folder, mirrored, opened.context, signal);
      return { ...ledgerAfterPush(mirror, sink), write: pushed(mirror, sink.write) };
    },
    fileSink: (spec, signal) => openRemoteFileSink(opened, spec, signal),
    async tryTarget(spec, signal) {
      const { folder, mirrored } = await outMirrorOf(opened, spec, signal);
      return tryTarget(folder, mirrored, signal);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
    },
  };
}

async function openRemoteSource(opened: Opened, spec: SourceSpec, signal: AbortSignal): Promise<Source> {
  const { context } = opened;
  const { mirror, folder, mirrored } = inMirrorOf(opened, spec, signal);
  await bringIn(mirror, signal);
  const open = spec.strategy === 'files' ? openFileSource : openSource;
  const source = await open(folder, mirrored, context, signal);
  return {
    ...source,
    async *read(checkpoint, limits, signal) {
      await bringIn(mirror, signal);
      yield* source.read(checkpoint, limits, signal);
    },
    async confirm(checkpoint, signal, held) {
      await source.confirm(checkpoint, signal, held);
      await settle(mirror, signal);
    },
  };
}

/** The resource's own mirror: whether a file is complete is judged on the server, so every copy is. */
function inMirrorOf({ config, server, context }: Opened, spec: SourceSpec, signal: AbortSignal) {
  const local = join(config.path, 'in', spec.resource.code);
  const folder: FilesConfig = { path: local, readOnly: config.readOnly };
  const { spec: read } = readingOf(folder, spec, context, signal);
  const mirror: InMirror = {
    server,
    remote: posix.join(config.folder, read.folder ?? '.'),
    local,
    spec: read,
    context,
  };
  const { folder: _, ...source } = spec.source as Record<string, unknown>;
  // a manifest is checked against the copy, once more behind whatever carried it
  const complete = 'manifest' in read.complete ? read.complete : { quietSeconds: 0 };
  return { mirror, folder, mirrored: { ...spec, source: { ...source, complete } } };
}

/** The target's own mirror. Throws QZ_SFTP_FOLDER_MISSING where the server has no such folder. */
async function outMirrorOf({ config, server }: Opened, spec: SinkSpec, signal: AbortSignal) {
  const target = checkShape(TargetSchema, structuredClone(spec.target), 'target');
  const remote = posix.join(config.folder, target.folder ?? '.');
  await listRemote(server, remote, signal);
  const local = join(config.path, 'out', ...(target.folder?.split('/') ?? []), target.name);
  await mkdir(local, { recursive: true });
  const mirror: OutMirror = { server, remote, local, marker: target.marker, replaces: false };
  await fetchDescription(mirror, `${target.name}.schema.json`, signal);
  const folder: FilesConfig = { path: local, readOnly: config.readOnly };
  const { folder: _, ...rest } = target;
  return { mirror, folder, target, mirrored: { ...spec, target: rest } };
}

type Write<Batch> = (batch: Batch, onRejected: OnRejected, signal: AbortSignal) => Promise<LedgerRow>;

/** What the ledger holds is answered for only when it is on the server. */
function ledgerAfterPush(mirror: OutMirror, ledger: TargetLedger): TargetLedger {
  return {
    async ledgerHead(delivery, signal) {
      const head = await ledger.ledgerHead(delivery, signal);
      await pushOut(mirror, signal);
      return head;
    },
    async ledgerAfter(delivery, seq, limit, signal) {
      const rows = await ledger.ledgerAfter(delivery, seq, limit, signal);
      await pushOut(mirror, signal);
      return rows;
    },
    discardStaged: ledger.discardStaged,
    [Symbol.asyncDispose]: async () => ledger[Symbol.asyncDispose](),
  };
}

function pushed<Batch>(mirror: OutMirror, write: Write<Batch>): Write<Batch> {
  return async (batch, onRejected, signal) => {
    const row = await write(batch, onRejected, signal);
    if (row.stage === 'applied') await pushOut(mirror, signal);
    return row;
  };
}

async function openRemoteFileSink(opened: Opened, spec: SinkSpec, signal: AbortSignal): Promise<FileSink> {
  const { mirror: tables, folder, target, mirrored } = await outMirrorOf(opened, spec, signal);
  const mirror = { ...tables, replaces: true };
  const standing = standingOn(mirror, target.removed);
  const sink = await openFileSink(folder, mirrored, opened.context, signal, undefined, standing);
  return {
    ...ledgerAfterPush(mirror, sink),
    write: pushed(mirror, sink.write),
    writeWhole: pushed(mirror, sink.writeWhole),
  };
}

/** So much of a folder is fetched to be looked into. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Larger files are listed without their columns. */
async function discoverRemote(
  { config, server, context }: Opened,
  filter: DiscoverFilter,
  signal: AbortSignal,
): Promise<TableDescription[]> {
  if (filter.schema !== undefined && filter.schema !== '') return [];
  const files = (await listRemote(server, config.folder, signal)).filter(
    ({ kind, name }) =>
      kind === 'file' &&
      !isUnfinishedName(name) &&
      (isDescription(name) || formatOf(name, {}) !== undefined) &&
      (isDescription(name) || filter.table === undefined || filter.table === name),
  );
  const folder = await mkdtemp(join(context.tempDir, 'sftp-'));
  try {
    for (const { name, size } of files.filter((file) => file.size <= MOST_BYTES)) {
      await download(server, posix.join(config.folder, name), size, join(folder, name), signal);
    }
    const found = await discoverFiles({ path: folder, readOnly: true }, filter, signal);
    const large = files.filter((file) => file.size > MOST_BYTES).map(({ name }) => tooLarge(name));
    return [...found, ...large].sort((a, b) => (a.table < b.table ? -1 : 1));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function tooLarge(table: string): TableDescription {
  const comment = '超过 64 MiB,未取来查看 / larger than 64 MiB, not fetched to be looked into';
  return { schema: null, table, kind: 'file', rows: null, comment, columns: [], primaryKey: [] };
}
