import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { CatalogResource } from '@qianzhi/model';
import { createRowWriter } from '@qianzhi/rows';
import { createDataset } from '../dataset.js';
import type { DeliverRequest, DeliverResult } from '../requests-deliver.js';
import { tempFolder } from './row-sets.js';

export type Value = string | null;

export interface Delivered extends DeliverResult {
  readonly path: string;
  readonly tracePath: string;
  readonly seed: string;
}

const signal = new AbortController().signal;

/** A dataset, and deliveries of rows given as values. */
export async function deliverRig() {
  const folder = await tempFolder();
  const dataset = await createDataset({ workDir: join(folder.path, 'work') });
  let outputs = 0;

  /** Row text of values, as a folded state holds it. */
  async function state(rows: readonly (readonly Value[])[]) {
    const writer = createRowWriter();
    for (const fields of rows) {
      writer.begin('S');
      for (const field of fields) writer.text(field);
      writer.end();
    }
    const text = Buffer.from(writer.take()).toString('utf8');
    return rows.length > 0 ? [await folder.write(text.split('\n').slice(0, -1), 'plain')] : [];
  }

  return {
    folder,
    dataset,
    state,
    async deliver(
      resource: CatalogResource,
      rows: readonly (readonly Value[])[],
      more: Partial<DeliverRequest> = {},
      base?: readonly (readonly Value[])[],
    ): Promise<Delivered> {
      const output = join(folder.path, `delivered-${++outputs}`);
      const seed = more.seed ?? randomBytes(32).toString('hex');
      const request: DeliverRequest = {
        resource,
        columns: resource.items.map(({ column }) => column),
        masks: {},
        suppliers: [{ rows: await state(rows), ...(base && { base: await state(base) }) }],
        changes: base !== undefined,
        format: 'csv',
        encoding: 'utf-8',
        header: 'columns',
        name: 'firm',
        ...more,
        seed,
        output,
      };
      const result = await dataset.deliver(request, signal);
      const path = join(output, result.file);
      return { ...result, path, seed, tracePath: join(output, result.traceFile) };
    },
    async [Symbol.asyncDispose]() {
      await dataset[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

export type DeliverRig = Awaited<ReturnType<typeof deliverRig>>;
