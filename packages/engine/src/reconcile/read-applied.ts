import type { CatalogResource, ConsumeExchange, DeliveryStream } from '@qianzhi/model';
import type { Connection, ReadBack } from '@qianzhi/plugin-api';
import type { ReadRows } from '@qianzhi/reconcile';
import { type FieldAction, rewriteFields } from '@qianzhi/rows';
import { engineErrors } from '../errors.js';
import { rowsBlock } from '../provider/feed.js';

type Codes = ReadBack['codes'];

/** What stands in the target now, with the target's own codes translated back. */
export async function* readTarget(
  connection: Connection,
  exchange: ConsumeExchange,
  resource: CatalogResource,
  delivery: DeliveryStream,
  blockBytes: number,
  signal: AbortSignal,
): AsyncGenerator<ReadRows> {
  if (!connection.readBack) {
    const { name, connector } = exchange;
    throw engineErrors.RECONCILE_UNREADABLE({ exchange: name, connector, resource: resource.code });
  }
  const spec = { exchange: exchange.name, resource, target: exchange.target, delivery };
  const { source, codes } = await connection.readBack(spec, signal);
  await using reading = source;
  const translate = translator(resource, codes);
  for await (const block of reading.read(undefined, { blockBytes }, signal)) {
    const rows = rowsBlock(block, { name: exchange.name, strategy: 'snapshot' });
    const unfit = rows.rejected.flatMap(({ key }) =>
      key === undefined ? [] : [Buffer.from(key).toString('utf8')],
    );
    yield { bytes: translate(rows.bytes), unfit };
    rows.release?.();
  }
}

/**
 * Codes that the target keeps as one value, or as NULL, cannot be told apart there: by column, each of them → the one that stands
 * for all.
 */
export function foldsOf(codes: Codes): Record<string, Record<string, string | null>> {
  const folds: Record<string, Record<string, string | null>> = {};
  for (const [column, table] of Object.entries(codes)) {
    const standing = new Map<string | null, string | null>([[null, null]]);
    const folded = Object.entries(table).flatMap(([code, value]) => {
      const known = standing.get(value);
      if (known === undefined) {
        standing.set(value, code);
        return [];
      }
      return [[code, known] as const];
    });
    if (folded.length > 0) folds[column] = Object.fromEntries(folded);
  }
  return folds;
}

/** The target's value → the code that stands for it. A value that no code becomes is kept apart from every code. */
function translator(resource: CatalogResource, codes: Codes): (block: Uint8Array) => Uint8Array {
  const back = resource.items.map(({ column }) => {
    if (!Object.hasOwn(codes, column)) return undefined;
    const values = new Map<string, string>();
    for (const [code, value] of Object.entries(codes[column]!)) {
      if (value !== null && !values.has(value)) values.set(value, code);
    }
    return values;
  });
  if (back.every((values) => values === undefined)) return (block) => block;
  const actions = back.map((values): FieldAction => (values ? 'mask' : 'copy'));
  return rewriteFields(actions, (item, text) => back[item]!.get(text) ?? `\u0001${text}`);
}
