import type { PlatformClient } from '@qianzhi/client';
import { personRoutes, type Scenario } from '@qianzhi/model';
import { cliErrors } from '../errors.js';

/** The scenario of that id, ended ones as well: the platform says why they grant no more. Throws QZ_CLI_SCENARIO_UNKNOWN. */
export async function findScenario(
  client: PlatformClient,
  id: string | undefined,
  signal: AbortSignal,
): Promise<Scenario | undefined> {
  if (id === undefined) return undefined;
  const { scenarios } = await client.call(personRoutes.listScenarios, { query: { ended: true } }, signal);
  const found = scenarios.find((one) => one.id === id);
  if (!found) throw cliErrors.SCENARIO_UNKNOWN({ scenario: id });
  return found;
}
