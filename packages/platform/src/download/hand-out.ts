import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { type DownloadManifest, isQianzhiError, type Signed } from '@qianzhi/model';
import { createMonitors } from '../exchange/monitor.js';
import type { Caller } from '../server/caller.js';
import type { StreamAnswer } from '../server/serve.js';
import { downloadErrors } from './errors.js';
import { readLink } from './links.js';
import type { DownloadParts } from './parts.js';
import type { DownloadRow } from './store.js';

/** Files on their way out. */
export interface HandOut {
  /**
   * The file of a link, or the rest of it from `range` on (`bytes=N-`, `bytes=N-M`). The first time it is counted and receipted, whole;
   * later ones are the same file again. Throws QZ_PLATFORM_DOWNLOAD_LINK_WRONG, _DOWNLOAD_REVOKED, _DOWNLOAD_NOT_READY,
   * _DOWNLOAD_RANGE_WRONG, _ADDRESS_NOT_ALLOWED, _QUOTA_USED.
   */
  open(token: string, range: string | undefined, address: string): Promise<StreamAnswer>;
  /** Cuts what is being sent of a download. */
  cut(id: string): void;
  /** The same for a grant version, at once and without asking the database. */
  cutGrant(agreement: string, grantVersion: number): void;
  close(): void;
}

interface Sending {
  readonly row: DownloadRow;
  readonly stream: Readable;
}

export function createHandOut(parts: DownloadParts): HandOut {
  const { context, agreements, store, folders, usage } = parts;
  const sending = new Set<Sending>();
  const monitors = createMonitors();

  async function readyOf(token: string): Promise<DownloadRow> {
    const link = readLink(token);
    const row = link && (await store.find(link.id));
    if (!link || !row || !link.holds(row.link_key, context.now())) throw downloadErrors.DOWNLOAD_LINK_WRONG();
    const { id, agreement, grant_version: version, resource, state } = row;
    if (state === 'revoked' || !(await agreements.isLive(agreement, version, context.now())))
      throw downloadErrors.DOWNLOAD_REVOKED({ agreement, download: id, resource });
    if (state !== 'ready') throw downloadErrors.DOWNLOAD_NOT_READY({ download: id, resource, state });
    return row;
  }

  /** Whoever holds the link is not known to the server, so that his denial is recorded here. */
  async function requireAddress(row: DownloadRow, address: string): Promise<void> {
    const { agreement, grant_version: grantVersion, resource, id: object } = row;
    try {
      await agreements.requireAddress({ agreement, grantVersion, resource }, address);
    } catch (error) {
      if (isQianzhiError(error) && error.kind === 'denied') {
        const details = { code: error.code, address };
        const entry = { action: 'download.deliver', object, outcome: 'denied', details } as const;
        await context.audit.record({ actor: actorOf(row), ...entry });
      }
      throw error;
    }
  }

  /** Once for each download. The mark comes after the receipt: what a crash leaves between them is counted twice, never not at all. */
  const count = (id: string, { body }: Signed<DownloadManifest>) =>
    monitors.within(id, async () => {
      const row = await store.find(id);
      if (!row || row.receipt !== null) return;
      const grant = await agreements.grant(row.agreement, row.grant_version);
      if (!grant) throw downloadErrors.DOWNLOAD_UNKNOWN({ download: id });
      await usage.requireLeft(grant.body);
      const { rows, bytes, digest } = body;
      const actor = actorOf(row);
      const done = {
        grant: grant.body,
        mode: 'batch-download',
        actor,
        matter: row.matter,
        rows,
        bytes,
        digest,
      } as const;
      const receipt = await usage.record(done);
      await store.change(id, ['ready'], { receipt: receipt.body.id, delivered_at: receipt.body.issuedAt });
      const details = { resource: row.resource, rows, bytes };
      await context.audit.record({ actor, action: 'download.deliver', object: id, outcome: 'done', details });
    });

  function cutWhere(which: (row: DownloadRow) => boolean): void {
    for (const { row, stream } of sending) {
      if (!which(row)) continue;
      const { agreement, id: download, resource } = row;
      stream.destroy(downloadErrors.DOWNLOAD_REVOKED({ agreement, download, resource }));
    }
  }

  return {
    async open(token, range, address) {
      const row = await readyOf(token);
      await requireAddress(row, address);
      const manifest: Signed<DownloadManifest> = JSON.parse(row.manifest!);
      const { file, bytes, digest } = manifest.body;
      const part = rangeOf(range, bytes);
      if (part === 'wrong') throw downloadErrors.DOWNLOAD_RANGE_WRONG({ bytes, resource: row.resource });
      await count(row.id, manifest);
      const { from, to } = part ?? { from: 0, to: bytes - 1 };
      const stream = createReadStream(folders.fileOf(row.id, file), {
        start: from,
        end: Math.max(to, 0),
        highWaterMark: 256 * 1024,
      });
      const one = { row, stream };
      sending.add(one);
      stream.once('close', () => sending.delete(one));
      // the grant may have ended since it was looked at: from now on whoever ends it finds this stream
      if (!(await agreements.isLive(row.agreement, row.grant_version, context.now()))) {
        stream.destroy();
        throw downloadErrors.DOWNLOAD_REVOKED({
          agreement: row.agreement,
          download: row.id,
          resource: row.resource,
        });
      }
      const headers = {
        'content-length': String(to - from + 1),
        'accept-ranges': 'bytes',
        'content-disposition': `attachment; filename="${file}"`,
        etag: `"${digest}"`,
        'repr-digest': `sha-256=:${Buffer.from(digest.split(':')[1]!, 'base64url').toString('base64')}:`,
        'cache-control': 'no-store',
        ...(part && { 'content-range': `bytes ${from}-${to}/${bytes}` }),
      };
      return { status: part ? 206 : 200, headers, body: stream };
    },
    cut: (id) => cutWhere((row) => row.id === id),
    cutGrant: (agreement, version) =>
      cutWhere((row) => row.agreement === agreement && row.grant_version === version),
    close: () => cutWhere(() => true),
  };
}

/** One range of RFC 9110; undefined: the whole. */
function rangeOf(
  header: string | undefined,
  bytes: number,
): { from: number; to: number } | 'wrong' | undefined {
  if (header === undefined) return undefined;
  const found = /^bytes=(\d{1,15})-(\d{1,15})?$/.exec(header);
  if (!found) return 'wrong';
  const from = Number(found[1]);
  const to = found[2] === undefined ? bytes - 1 : Math.min(Number(found[2]), bytes - 1);
  return from >= bytes || to < from ? 'wrong' : { from, to };
}

/** Who asked for it: the link alone says nobody. */
function actorOf({ requested_by: name, consumer }: DownloadRow): Caller {
  const at = name.indexOf(':');
  const account = name.slice(at + 1);
  if (name.startsWith('person:')) return { kind: 'person', account, department: consumer, roles: [] };
  return { kind: 'agent', agent: account, department: consumer } as Caller;
}
