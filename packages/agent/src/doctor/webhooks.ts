import { fromProblem, isQianzhiError, systemReason } from '@qianzhi/model';
import type { LoadedConfig } from '../config/load.js';
import { agentErrors } from '../errors.js';
import type { AgentStatus } from '../status.js';
import { lookupAll, ownPorts, pinnedAddress } from '../webhooks/address.js';
import { type DoctorFinding, finding, ok, warning } from './finding.js';

/** Whether webhooks may go where the config says, and what is dead. None of it keeps an agent from working. */
export async function* checkWebhookTargets(
  { config }: LoadedConfig,
  running: AgentStatus | undefined,
): AsyncGenerator<DoctorFinding> {
  const { privateHosts, targets } = config.webhooks;
  const rules = { privateHosts, ownPorts: ownPorts(config) };
  for (const [name, { url }] of Object.entries(targets)) {
    const check = `webhook ${name}`;
    const found = await finding(check, async () => {
      const { address } = await pinnedAddress(new URL(url), { ...rules, webhook: name }, lookupAll).catch(
        (error) => {
          if (isQianzhiError(error)) throw error;
          throw agentErrors.WEBHOOK_FAILED({ webhook: name, reason: systemReason(error) }, error);
        },
      );
      return ok(check, `地址 ${address} 可用`, `its address ${address} is allowed`);
    });
    yield found.error ? warning(check, found.error) : found;
    const state = running?.webhooks.find(({ webhook }) => webhook === name);
    if (!state) continue;
    if (state.dead.length > 0)
      yield warning(check, agentErrors.WEBHOOK_DEAD({ webhook: name, dead: state.dead.length }));
    else if (state.problem) yield warning(check, fromProblem(state.problem));
  }
}
