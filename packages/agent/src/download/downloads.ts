import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { agentDownloads, createClient, type DownloadDoor, fetchDownload, writeWhole } from '@qianzhi/client';
import {
  type ConsumeExchange,
  type DownloadManifest,
  type DownloadRequest,
  type DownloadTarget,
  isQianzhiError,
  systemCode,
} from '@qianzhi/model';
import type { RunSummary } from '@qianzhi/plugin-api';
import type { LoadedConfig } from '../config/load.js';
import { agentErrors } from '../errors.js';
import type { PlatformLink } from '../link/platform-link.js';

export interface DownloadNeeds {
  readonly url: string;
  readonly link: Pick<PlatformLink, 'client' | 'lease' | 'platformKeys'>;
  /** The config in force. */
  readonly loaded: () => LoadedConfig;
}

/** Files fetched for exchanges in mode batch-download, by the code that `qianzhi download` goes by. */
export interface AgentDownloads {
  /** Throws QZ_AGENT_DOWNLOAD_FOLDER, _DOWNLOAD_LEASE and what `fetchDownload` throws. */
  fetch(exchange: ConsumeExchange, signal: AbortSignal): Promise<RunSummary>;
  close(): Promise<void>;
}

export function createDownloads({ url, link, loaded }: DownloadNeeds): AgentDownloads {
  const links = createClient({ url, identity: { kind: 'anonymous' } });
  const door = agentDownloads(link.client, links, link.platformKeys);

  /** A file is shown under a lease in force alone: a revocation that could not reach the platform's side ends it here. */
  function requireLease({ agreement, grantVersion, resource }: DownloadManifest): void {
    const lease = link.lease();
    const same = (one: { agreement: string; grantVersion: number }) =>
      one.agreement === agreement && one.grantVersion === grantVersion;
    const live = lease !== undefined && Date.parse(lease.expiresAt) > Date.now() && lease.live.some(same);
    if (!live || lease.revoked.some(same)) throw agentErrors.DOWNLOAD_LEASE({ agreement, resource });
  }

  return {
    async fetch(exchange, signal) {
      const target = exchange.target as DownloadTarget;
      const folder = folderOf(loaded(), exchange, target);
      const { format, encoding, header } = target;
      const { consume: resource, agreement } = exchange;
      const request = { resource, format, encoding, header, ...(agreement !== undefined && { agreement }) };
      const last = join(folder, `.${exchange.name}.last`);
      const since = target.changes ? await readLast(last) : undefined;
      const options = { folder, mayShow: requireLease };
      const fetched = await fetchChanges(door, request, since, options, signal);
      const { body } = fetched.manifest;
      await writeWhole(last, JSON.stringify({ download: body.download }));
      return summaryOf(body);
    },
    close: links.close,
  };
}

/** Changes since the last file of this exchange; the whole where there is none, or the platform can no longer tell. */
async function fetchChanges(
  door: DownloadDoor,
  request: DownloadRequest,
  since: string | undefined,
  options: Parameters<typeof fetchDownload>[2],
  signal: AbortSignal,
) {
  if (since === undefined) return fetchDownload(door, request, options, signal);
  try {
    return await fetchDownload(door, { ...request, since }, options, signal);
  } catch (error) {
    if (!isQianzhiError(error, 'QZ_PLATFORM_DOWNLOAD_NO_BASE')) throw error;
    return fetchDownload(door, request, options, signal);
  }
}

function folderOf(
  { config, folder }: LoadedConfig,
  exchange: ConsumeExchange,
  target: DownloadTarget,
): string {
  const { path } = (config.connectors[exchange.connector] ?? {}) as { path?: unknown };
  if (typeof path !== 'string')
    throw agentErrors.DOWNLOAD_FOLDER({ exchange: exchange.name, connector: exchange.connector });
  return resolve(folder, path, target.folder ?? '.');
}

async function readLast(path: string): Promise<string | undefined> {
  try {
    return (JSON.parse(await readFile(path, 'utf8')) as { download: string }).download;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function summaryOf({ rows, bytes, upserts, deletes }: DownloadManifest): RunSummary {
  return {
    batches: 1,
    bytes,
    read: 0,
    repeated: 0,
    rejected: 0,
    flagged: 0,
    stored: 0,
    delivered: rows,
    inserted: upserts,
    updated: 0,
    unchanged: 0,
    deleted: deletes,
  };
}
