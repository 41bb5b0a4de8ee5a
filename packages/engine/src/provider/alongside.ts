import { type Exchange, isSupply, type SupplyExchange } from '@qianzhi/model';
import type { Alongside } from '@qianzhi/plugin-api';
import type { StreamRow } from '../store/stream-table.js';

/** Where a resource's stream is, as far as sharing a log goes. */
export type SharedPlace = Pick<StreamRow, 'checkpoint' | 'committed'>;

/** What the sources of a connector share that follow its log; undefined for other strategies. */
export function alongsideOf(
  agent: string,
  exchange: SupplyExchange,
  exchanges: () => readonly Exchange[],
  placeOf: (resource: string) => SharedPlace | undefined,
): Alongside | undefined {
  if (exchange.strategy !== 'log') return undefined;
  const { connector, supply } = exchange;
  return {
    name: `${agent}/${connector}`,
    others: () =>
      exchanges()
        .filter(isSupply)
        .filter((each) => each.strategy === 'log' && each.connector === connector && each.supply !== supply)
        .map((each) => {
          const { checkpoint, committed } = placeOf(each.supply) ?? { checkpoint: null, committed: null };
          return {
            resource: each.supply,
            source: each.source,
            checkpoint: committed ?? checkpoint ?? undefined,
          };
        }),
  };
}
