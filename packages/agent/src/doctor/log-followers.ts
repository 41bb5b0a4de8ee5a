import { alongsideOf, inspectPlaces } from '@qianzhi/engine';
import { isSupply } from '@qianzhi/model';
import type { Alongside } from '@qianzhi/plugin-api';
import type { LoadedConfig } from '../config/load.js';
import { readIdentity } from '../identity/identity-file.js';

/**
 * The exchanges of a connector that follow its log, with the places that are stored for them, `except` one; undefined where none does,
 * or before the enrolment.
 */
export async function logFollowers(
  { config, stateDir }: LoadedConfig,
  connector: string,
  except?: string,
): Promise<Alongside | undefined> {
  const follows = config.exchanges.some(
    (each) => isSupply(each) && each.strategy === 'log' && each.connector === connector,
  );
  const identity = follows ? await readIdentity(stateDir) : undefined;
  if (!identity) return undefined;
  const places = inspectPlaces(stateDir);
  return alongsideOf({
    agent: identity.agent,
    connector,
    ...(except !== undefined && { except }),
    exchanges: () => config.exchanges,
    placeOf: (resource) => places.get(resource),
  });
}
