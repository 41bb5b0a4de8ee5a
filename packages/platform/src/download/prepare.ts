import { basename } from 'node:path';
import type { RowFile } from '@qianzhi/dataset';
import {
  type CatalogResource,
  chinaDay,
  type DownloadManifest,
  type Grant,
  keyItems,
  readScope,
  type Signed,
} from '@qianzhi/model';
import { signDocument } from '@qianzhi/model/crypto';
import { projectedResource } from '@qianzhi/rows';
import { pseudonymKey } from '../exchange/deliveries/projection.js';
import { fieldMaps, versionOf } from '../state/plan-fold.js';
import type { SupplierState } from '../state/state-table.js';
import { downloadErrors, noBase } from './errors.js';
import type { DownloadParts } from './parts.js';
import type { DeliveredItem, DownloadRow } from './store.js';

/** What became of preparing one file. */
export interface Prepared {
  readonly manifest: Signed<DownloadManifest>;
  readonly items: readonly DeliveredItem[];
  readonly keyed: boolean;
  readonly states: readonly string[];
  readonly expiresAt: string;
}

/**
 * Makes the file of a download in its folder, from the rows as of now. Throws QZ_PLATFORM_DOWNLOAD_SPACE, _DOWNLOAD_NO_BASE and what
 * folding and writing throw; nothing is left then but what `remove` takes away.
 */
export async function prepareDownload(
  parts: DownloadParts,
  row: DownloadRow,
  grant: Grant,
  signal: AbortSignal,
): Promise<Prepared> {
  const { context, agreements, catalog, dataset, folders, states, store } = parts;
  const current = await states.current(row.resource, row.id, signal);
  const version = Math.max(...current.map(({ schemaVersion }) => schemaVersion));
  const resource = await versionOf(catalog, row.resource, version);
  const shown = shownItems(resource, grant);
  const columns = shown.items.map(({ column }) => column);
  const keyed =
    keyItems(resource).length > 0 && keyItems(resource).every(({ column }) => columns.includes(column));
  const base = row.kind === 'changes' ? await baseOf(parts, row, shown.items, keyed) : undefined;
  const scope = await scopesOf();
  await requireSpace(parts, row, [...current, ...(base ?? [])]);
  const agents = [...new Set([...current, ...(base ?? [])].map(({ agent }) => agent))];
  const suppliers = [];
  for (const [index, agent] of agents.entries()) {
    const filesOf = (list: readonly SupplierState[], name: string) =>
      inVersion(
        parts,
        row,
        resource,
        list.find((one) => one.agent === agent),
        `${name}${index}`,
        signal,
      );
    suppliers.push({
      rows: await filesOf(current, 'rows'),
      ...(base && { base: await filesOf(base, 'base') }),
    });
  }
  const at = context.now();
  const name = `${row.resource}_${chinaDay(at).replaceAll('-', '')}_${row.id.slice(0, 8)}`;
  const pseudonyms = Object.values(shown.masks).includes('pseudonym');
  const made = await dataset.deliver(
    {
      resource,
      columns,
      masks: shown.masks,
      scope,
      pseudonymKey: pseudonyms
        ? Buffer.from(await pseudonymKey(context.db, row.agreement)).toString('hex')
        : undefined,
      suppliers,
      changes: base !== undefined,
      format: row.format,
      encoding: row.encoding,
      header: row.header,
      seed: row.seed,
      name,
      output: folders.folderOf(row.id),
    },
    signal,
    (done) => {
      parts.progress.set(row.id, done);
      parts.wake(row.id);
    },
  );
  context.failpoint?.('download:made');
  await folders.keepTrace(row.id, basename(made.traceFile));
  const expiresAt = new Date(at.getTime() + parts.limits.keepHours * 3_600_000).toISOString();
  const { file, bytes, digest, rows, upserts, deletes, notes } = made;
  const manifest = signDocument<DownloadManifest>(
    {
      type: 'download-manifest',
      version: 1,
      download: row.id,
      resource: row.resource,
      resourceName: resource.name,
      schemaVersion: version,
      provider: row.provider,
      consumer: row.consumer,
      agreement: row.agreement,
      grantVersion: row.grant_version,
      matter: row.matter,
      kind: row.kind,
      base: row.base,
      asOf: current.map(({ agent, epoch, seq }) => ({
        stream: { resource: row.resource, agent, epoch },
        seq,
      })),
      format: row.format,
      encoding: row.encoding,
      header: row.header,
      items: [...shown.items],
      ...(grant.rows !== undefined && { scope: grant.rows }),
      file,
      bytes,
      digest,
      rows,
      upserts,
      deletes,
      notes: { ...notes, asText: [...notes.asText] },
      preparedAt: at.toISOString(),
      validUntil: expiresAt,
    },
    context.signingKey,
  );
  return { manifest, items: shown.items, keyed, states: current.map(({ id }) => id), expiresAt };

  /** The base holds the rows that were in scope of the grant it was made under. */
  async function scopesOf(): Promise<{ rows?: string; base?: string }> {
    const from = row.base === null ? undefined : await store.find(row.base);
    const before = from && (await agreements.grant(from.agreement, from.grant_version))?.body.rows;
    for (const text of [grant.rows, before]) if (text !== undefined) readScope(text, resource);
    return {
      ...(grant.rows !== undefined && { rows: grant.rows }),
      ...(before !== undefined && { base: before }),
    };
  }
}

function shownItems(resource: CatalogResource, grant: Grant) {
  const columns = resource.items.map(({ column }) => column).filter((column) => grant.items.includes(column));
  const masks = Object.fromEntries(
    Object.entries(grant.masks).filter(([column]) => columns.includes(column)),
  );
  const items = projectedResource(resource, columns, masks).items.map(
    ({ column, name, type }): DeliveredItem => {
      const mask = Object.hasOwn(masks, column) ? masks[column] : undefined;
      return { column, name, type, ...(mask && { mask }) };
    },
  );
  return { items, masks };
}

/** The states of the download that changes are counted from. */
async function baseOf(
  { store, states }: DownloadParts,
  row: DownloadRow,
  items: readonly DeliveredItem[],
  keyed: boolean,
): Promise<SupplierState[]> {
  const refuse = (why: keyof typeof noBase) =>
    downloadErrors.DOWNLOAD_NO_BASE({ resource: row.resource, reason: noBase[why] });
  if (!keyed) throw refuse('key');
  const base = row.base === null ? undefined : await store.find(row.base);
  if (!base) throw refuse('none');
  if (base.provider !== row.provider) throw refuse('provider');
  if (base.items !== JSON.stringify(items)) throw refuse('items');
  const found: SupplierState[] = [];
  for (const id of JSON.parse(base.states) as string[]) {
    const state = await states.find(id);
    if (!state) throw refuse('gone');
    found.push(state);
  }
  return found;
}

/** Files of a state in the fields of `resource`: as they are, or brought to its version beside the download. */
async function inVersion(
  { catalog, dataset, folders }: DownloadParts,
  row: DownloadRow,
  resource: CatalogResource,
  state: SupplierState | undefined,
  name: string,
  signal: AbortSignal,
): Promise<readonly RowFile[]> {
  if (!state || state.schemaVersion === resource.schemaVersion) return state?.files ?? [];
  const fields = await fieldMaps(catalog, resource)(state.schemaVersion);
  const files = state.files.map((file) => ({ ...file, ...fields }));
  const output = folders.makingOf(row.id, name);
  return (await dataset.fold({ resource, base: [], batches: files, output }, signal)).files;
}

/** Work on a file takes about twice its rows beside it. */
const WORK = 2;

async function requireSpace(
  { store, states, limits }: DownloadParts,
  row: DownloadRow,
  from: readonly SupplierState[],
): Promise<void> {
  const ready = await store.list((query) => query.where({ state: 'ready' }).orWhere({ id: row.id }));
  const files = ready.map(({ manifest }) => (manifest ? (JSON.parse(manifest).body.bytes as number) : 0));
  const usedBytes = files.reduce((sum, bytes) => sum + bytes, 0) + (await states.bytes());
  const needBytes = WORK * from.reduce((sum, { bytes }) => sum + bytes, 0);
  const { maxBytes } = limits;
  if (usedBytes + needBytes <= maxBytes) return;
  const download = ready.find(({ id }) => id !== row.id)?.id ?? row.id;
  throw downloadErrors.DOWNLOAD_SPACE({ maxBytes, usedBytes, needBytes, download });
}
