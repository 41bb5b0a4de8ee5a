import { type Exchange, isSupply } from '@qianzhi/model';
import type { Alongside } from '@qianzhi/plugin-api';
import type { StreamRow } from '../store/stream-table.js';

/** Where a resource's stream is, as far as sharing a log goes. */
export type StreamPlace = Pick<StreamRow, 'checkpoint' | 'committed'>;

export interface LogFollowers {
  readonly agent: string;
  readonly connector: string;
  /** The resource whose source is opened: the others are told to it. */
  readonly except?: string;
  readonly exchanges: () => readonly Exchange[];
  readonly placeOf: (resource: string) => StreamPlace | undefined;
}

/** What the exchanges of a connector share that follow its log. */
export function alongsideOf({ agent, connector, except, exchanges, placeOf }: LogFollowers): Alongside {
  return {
    name: `${agent}/${connector}`,
    others: () =>
      exchanges()
        .filter(isSupply)
        .filter((each) => each.strategy === 'log' && each.connector === connector && each.supply !== except)
        .map(({ supply, source }) => {
          const place = placeOf(supply);
          return { resource: supply, source, checkpoint: place?.committed ?? place?.checkpoint ?? undefined };
        }),
  };
}
