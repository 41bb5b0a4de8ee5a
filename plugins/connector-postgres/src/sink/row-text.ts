import type { CatalogResource } from '@qianzhi/model';
import { canonicalText, createRowWriter } from '@qianzhi/rows';
import type { Target } from './target.js';
import type { Work } from './writing.js';

/** The row text of one row of the shadow, for the quarantine; a translated code as the target has it. */
export async function shadowRow(
  work: Work,
  target: Target,
  resource: CatalogResource,
  shadow: string,
  place: string,
): Promise<Uint8Array> {
  const columns = target.columns.slice(0, resource.items.length).map(({ name }, at) => `${name} AS c${at}`);
  const { rows } = await work.run(`SELECT ${columns.join(', ')} FROM ${shadow} WHERE ctid = $1::tid`, [
    place,
  ]);
  const writer = createRowWriter(1024);
  writer.begin('S');
  resource.items.forEach((item, at) => {
    const text = rows[0]?.[`c${at}`] ?? null;
    writer.text(text === null ? null : canonicalText(item, text));
  });
  writer.end();
  return writer.take();
}
