import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { CatalogResource } from '@qianzhi/model';
import type { PlatformConfigInput } from '@qianzhi/platform';
import type { Channel } from '@qianzhi/plugin-api';
import { query } from '../fixtures/tables.js';
import { createSite, type Site } from './site.js';
import type { SiteAgent } from './site-agent.js';

export const MiB = 1024 * 1024;

/** Documents of mz, one file like another. */
export const licences: CatalogResource = {
  code: 'licences',
  name: '营业执照影像',
  summary: '',
  department: 'mz',
  attribute: 'department',
  subject: 'organisation',
  sharing: 'unconditional',
  openness: 'closed',
  updateCycle: 'daily',
  content: 'files',
  schemaVersion: 1,
  items: [{ name: '影像文件', column: 'file', type: 'G', length: 4 * 1024 * MiB }],
};

/** Small parts, so that a file of a megabyte is many of them. */
export const smallParts = { filePartBytes: 64 * 1024 };

/** A folder of mz → platform → a folder of sw. */
export interface DocumentSite extends Site {
  readonly mz: SiteAgent;
  readonly sw: SiteAgent;
  readonly agreement: string;
  readonly inbox: string;
  readonly outbox: string;
  /** As a careful supplier does: written under another name, then renamed. */
  put(name: string, bytes: string | Uint8Array): void;
  /** Digests of the files that show at the target, by name. */
  received(): Promise<Record<string, string>>;
  /** Batches the platform holds: offset of their part, in order. */
  parts(): readonly {
    readonly epoch: number;
    readonly seq: number;
    readonly name: string;
    readonly offset: number;
  }[];
}

export async function createDocumentSite(platform: Partial<PlatformConfigInput> = {}): Promise<DocumentSite> {
  const site = await createSite(() => platform);
  const inbox = site.at('inbox');
  const outbox = site.at('outbox');
  mkdirSync(inbox);
  mkdirSync(outbox);
  await site.publish(licences);
  const source = { pattern: '*', complete: { quietSeconds: 0 }, done: 'move' };
  const mz = await site.enrol('mz-1', 'mz', {
    connectors: { folder: { type: 'files', path: inbox } },
    exchanges: [{ name: 'out', supply: 'licences', connector: 'folder', strategy: 'files', source }],
  });
  await site.supply('licences', 'mz-1');
  const sw = await site.enrol('sw-1', 'sw', {
    connectors: { folder: { type: 'files', path: outbox } },
    exchanges: [
      { name: 'in', consume: 'licences', connector: 'folder', rejectLimit: 1, target: { name: 'licences' } },
    ],
  });
  const { id } = await site.subscribe('sw', 'licences');
  return Object.assign(Object.create(site, {}) as Site, {
    mz,
    sw,
    agreement: id,
    inbox,
    outbox,
    put(name: string, bytes: string | Uint8Array) {
      writeFileSync(join(inbox, `${name}.part`), bytes);
      renameSync(join(inbox, `${name}.part`), join(inbox, name));
    },
    async received() {
      const names = readdirSync(outbox).filter((name) => name !== '.qianzhi');
      const digests: [string, string][] = [];
      for (const name of names.sort()) digests.push([name, await digestOfFile(join(outbox, name))]);
      return Object.fromEntries(digests);
    },
    parts() {
      const rows = query<{ epoch: number; seq: number; manifest: string }>(
        join(site.dataDir, 'platform.sqlite'),
        'SELECT epoch, seq, manifest FROM batches ORDER BY epoch, seq',
      );
      return rows.map(({ epoch, seq, manifest }) => {
        const { name, offset } = JSON.parse(manifest).body.file;
        return { epoch, seq, name, offset };
      });
    },
  });
}

/** Names in the hidden folder of the target: its ledger, and what is unfinished. */
export function unfinished(site: DocumentSite): string[] {
  const hidden = join(site.outbox, '.qianzhi');
  return existsSync(hidden) ? readdirSync(hidden).filter((name) => name.endsWith('.part')) : [];
}

export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: MiB })) hash.update(piece);
  return hash.digest('hex');
}

export function digestOf(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A file that nothing compresses; answers its digest. */
export async function writeVideo(path: string, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  const piece = Buffer.alloc(MiB);
  {
    await using file = await open(`${path}.part`, 'w');
    for (let written = 0; written < bytes; written += piece.length) {
      const length = Math.min(piece.length, bytes - written);
      randomFillSync(piece);
      hash.update(piece.subarray(0, length));
      await file.write(piece, 0, length);
    }
  }
  renameSync(`${path}.part`, path);
  return hash.digest('hex');
}

/** The channel of a version before, which does not say that it takes whole files together. */
export const silentOfWholeFiles = (http: Channel): Channel => ({
  ...http,
  receive: ({ wholeFiles: _, ...request }, signal) => http.receive(request, signal),
});

/** Runs an exchange that may take longer than others; answers what it came to. */
export async function runLong(agent: SiteAgent, exchange: string, deadlineMs: number) {
  await agent.sync();
  const { jobs } = agent.engine;
  const job = await jobs.ended(jobs.run(exchange).id, AbortSignal.timeout(deadlineMs));
  if (job.state !== 'done') throw new Error(`${exchange}: ${job.state} ${JSON.stringify(job.problem)}`);
  return job.summary!;
}

/** Highest resident memory while `work` goes on, above what it was before. */
export async function memoryGrowth(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 20);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return most - before;
}
