/** For tests: downloads over a real exchange, whose provider seals what a test says. */

import type { Download, DownloadRequest } from '@qianzhi/model';
import { documentDigest } from '@qianzhi/model/crypto';
import { createRig, type Rig } from '../exchange/test-exchange.js';
import { createSealer, type Sealer, type TestRow } from '../exchange/test-sealer.js';
import { type DownloadFeature, type DownloadOptions, openDownloads } from './open-downloads.js';

export interface DownloadRig {
  readonly rig: Rig;
  readonly feature: DownloadFeature;
  readonly sealer: Sealer;
  /** A whole copy, one part for each list of rows. */
  snapshot(id: string, ...parts: (readonly TestRow[])[]): Promise<void>;
  delta(...rows: TestRow[]): Promise<void>;
  /** Closes downloads, as a process that ends; opens them again over the same folder. */
  restart(options?: Partial<DownloadOptions>): Promise<void>;
  request(more?: Partial<DownloadRequest>): Promise<Download>;
  /** Waits until it is no longer in preparation. */
  settled(id: string): Promise<Download>;
  /** Fetches the file by a new link. */
  fetch(id: string, range?: string): Promise<Buffer>;
  close(): Promise<void>;
}

/** Where the connections of the tests come from. */
export const HERE = '127.0.0.1';

const options: DownloadOptions = { keepHours: 24, maxBytes: 1024 ** 3, traceDays: 400, memoryLimitMb: 256 };

export async function createDownloadRig(more: Partial<DownloadOptions> = {}): Promise<DownloadRig> {
  const rig = await createRig();
  const duty = rig.giveDuty('village', 'mz-1');
  const digest = documentDigest(duty, rig.context.signingKey.suite);
  const stream = { resource: 'village', agent: 'mz-1', epoch: 1 };
  const sealer = createSealer(stream, rig.provider.key, digest);
  const open = (change: Partial<DownloadOptions> = {}) =>
    openDownloads(
      rig.context,
      { ...rig.ports, pathOf: rig.exchange.storage.pathOf },
      { ...options, ...more, ...change },
    );
  let feature = await open();
  const send = (batch: Parameters<Rig['exchange']['sendBatch']>[1]) =>
    rig.exchange.sendBatch(rig.provider.caller, batch);
  return {
    rig,
    get feature() {
      return feature;
    },
    sealer,
    async snapshot(id, ...parts) {
      for (const part of await sealer.snapshot(id, ...parts)) await send(part);
    },
    async delta(...rows) {
      await send(await sealer.next({ rows }));
    },
    async restart(change) {
      await feature.close();
      feature = await open(change);
    },
    request: (request = {}) =>
      feature.downloads.request(
        rig.consumer.caller,
        {
          resource: 'village',
          format: 'csv',
          encoding: 'utf-8',
          header: 'columns',
          ...request,
        },
        HERE,
      ),
    async settled(id) {
      const sight = { all: false, department: 'sw' };
      const signal = AbortSignal.timeout(60_000);
      for (;;) {
        const download = await feature.downloads.show(sight, id, 5_000, signal);
        if (download.state !== 'queued' && download.state !== 'running') return download;
        signal.throwIfAborted();
      }
    },
    async fetch(id, range) {
      const { token } = await feature.downloads.link(rig.consumer.caller, id);
      const { body } = await feature.handOut.open(token, range, HERE);
      return Buffer.concat(await body.toArray());
    },
    async close() {
      await feature.close();
      await rig.close();
    },
  };
}
