import { type ExchangeState, inspectExchange } from '@qianzhi/engine';
import { type Exchange, isSupply } from '@qianzhi/model';
import { loadConfig } from '../config/load.js';
import { agentErrors } from '../errors.js';
import { type ConfigChange, planRemoval, type SetupContext } from './config-change.js';

/** An exchange that is to be taken out, and how far it is. */
export interface ExchangeRemoval {
  readonly exchange: Exchange;
  readonly state: ExchangeState;
  readonly change: ConfigChange;
}

/** Plans to take an exchange out of agent.yaml, writing nothing. Throws what `planRemoval` throws. */
export async function planExchangeRemoval(
  configFile: string,
  name: string,
  context: SetupContext,
): Promise<ExchangeRemoval> {
  const change = await planRemoval(configFile, { list: 'exchanges', name }, context);
  const { config, stateDir } = await loadConfig(configFile, process.env, () => {});
  const exchange = config.exchanges.find((one) => one.name === name)!;
  return { exchange, state: inspectExchange(stateDir, exchange), change };
}

/** Throws QZ_AGENT_EXCHANGE_UNSENT where data of a supply has no receipt of the platform yet. */
export function requireSent({ exchange, state }: ExchangeRemoval): void {
  const { waitingBatches: batches, waitingBytes: bytes } = state;
  if (!isSupply(exchange) || batches === 0) return;
  throw agentErrors.EXCHANGE_UNSENT({ exchange: exchange.name, resource: exchange.supply, batches, bytes });
}

/** The same of a connector, which nothing of the config may need. */
export function planConnectorRemoval(
  configFile: string,
  name: string,
  context: SetupContext,
): Promise<ConfigChange> {
  return planRemoval(configFile, { list: 'connectors', name }, context);
}
