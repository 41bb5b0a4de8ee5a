import { noCounts } from '@qianzhi/model';
import type { SinkBatch } from '@qianzhi/plugin-api';
import { type Applied, type Applying, eachRow } from './applying.js';
import { keyFieldsOf } from './key-fields.js';

/** Merges a delta by key, in the order of its rows. A delete of a record that is not there counts as unchanged. */
export async function applyDelta(applying: Applying, { resource, bytes, rows }: SinkBatch): Promise<Applied> {
  const { records, seal, shape, origin } = applying;
  const counts = { ...noCounts, delivered: rows };
  await eachRow(applying, bytes, keyFieldsOf(resource), ({ op, text, keyDigest: key }) => {
    const done =
      op === 'D'
        ? records.remove(key, origin)
        : records.upsert(
            { key, shape, content: seal.contentDigest(shape, text), seal: () => seal.seal(key, text) },
            origin,
          );
    counts[done] += 1;
  });
  return { stage: 'applied', counts, rejected: [] };
}
