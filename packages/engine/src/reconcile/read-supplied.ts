import type { CatalogResource, Grant, SupplyExchange } from '@qianzhi/model';
import type { Connection } from '@qianzhi/plugin-api';
import type { ReadRows } from '@qianzhi/reconcile';
import { compileProjector, compileScope, compileValidator, keepRows } from '@qianzhi/rows';
import { rowsBlock } from '../provider/feed.js';

/** A whole copy of what the exchange reads now, row text of the full resource. */
export async function* readCopy(
  connection: Connection,
  exchange: SupplyExchange,
  resource: CatalogResource,
  blockBytes: number,
  signal: AbortSignal,
): AsyncGenerator<ReadRows> {
  const spec = { resource, strategy: 'snapshot', source: exchange.source } as const;
  await using source = await connection.source(spec, signal);
  const validator = compileValidator(resource);
  for await (const block of source.read(undefined, { blockBytes }, signal)) {
    const rows = rowsBlock(block, exchange);
    const checked = validator.validate(rows.bytes);
    const refused = [
      ...rows.rejected.flatMap(({ key }) => (key === undefined ? [] : [Buffer.from(key).toString('utf8')])),
      ...checked.rejected.flatMap(({ key }) => (key === '' ? [] : [key])),
    ];
    yield { bytes: checked.bytes, unfit: refused };
    rows.release?.();
  }
}

/** The same as the grant shows it: rows in scope, granted items. Pseudonyms stay in clear here: the form leaves them out before anything is digested. */
export async function* readGranted(
  copy: AsyncIterable<ReadRows>,
  resource: CatalogResource,
  { items, masks, rows }: Grant,
): AsyncGenerator<ReadRows> {
  const columns = resource.items.map(({ column }) => column).filter((column) => items.includes(column));
  const shown = Object.entries(masks).filter(
    ([column, rule]) => rule !== 'pseudonym' && columns.includes(column),
  );
  const projector = compileProjector(resource, columns, { masks: Object.fromEntries(shown) });
  const scope = rows === undefined ? undefined : compileScope(resource, rows);
  for await (const { bytes, unfit } of copy) {
    const inScope = scope ? keepRows(bytes, scope.judge(bytes), []).bytes : bytes;
    yield { bytes: projector.project(inScope), unfit };
  }
}
