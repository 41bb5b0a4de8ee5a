import { AgentCommand } from '../agent-command.js';
import { asPerson } from '../platform-command.js';
import type { EvidenceFlags } from './evidence-flags.js';
import { agentEvidence, type Evidence, platformEvidence } from './read-receipts.js';

/** A command over receipts, of the running agent or of the platform. */
export abstract class ReceiptCommand extends AgentCommand {
  protected evidence(flags: EvidenceFlags): Promise<Evidence> {
    if (!flags.platform)
      return this.withAgent(flags.config, (agent) => agentEvidence(agent, flags.name, this.signal));
    const filter = { resource: flags.resource, agreement: flags.agreement };
    return asPerson(flags.profile, (client) => platformEvidence(client, filter, this.signal));
  }
}
