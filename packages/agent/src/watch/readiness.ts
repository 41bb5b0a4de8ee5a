import { type Problem, toProblem } from '@qianzhi/model';
import type { Part } from '@qianzhi/monitor';
import { agentErrors } from '../errors.js';
import type { AgentFacts } from './agent-facts.js';

/** What the agent needs for its work, and why a part is not ready; one that a person paused is. */
export function readiness(facts: AgentFacts): readonly Part[] {
  const { engine, link, exchanges, connectors } = facts;
  return [
    { part: 'state', problem: engine.halted },
    { part: 'config', problem: facts.config.problem },
    { part: 'platform', problem: platformProblem(facts) },
    { part: 'orders', problem: facts.ordered ? undefined : toProblem(agentErrors.NO_ASSIGNMENTS()) },
    ...(exchanges.some(({ direction }) => direction === 'consume')
      ? [{ part: 'lease', problem: leaseProblem(facts) }]
      : []),
    { part: 'outbox', problem: outboxProblem(facts) },
    ...connectors.map(({ connector, problem }) => ({ part: `connector ${connector}`, problem })),
    ...exchanges.map(({ exchange, state, problem }) => ({
      part: `exchange ${exchange}`,
      problem: state === 'stopped' ? problem : undefined,
    })),
  ];

  function platformProblem({ link: { online, problem, url } }: AgentFacts): Problem | undefined {
    return problem ?? (online ? undefined : toProblem(agentErrors.NOT_CLAIMED({ url })));
  }

  function leaseProblem({ at }: AgentFacts): Problem | undefined {
    const expiresAt = link.leaseExpiresAt;
    if (expiresAt !== undefined && Date.parse(expiresAt) > at.getTime()) return undefined;
    return toProblem(agentErrors.LEASE_EXPIRED({ expiresAt: expiresAt ?? '—' }));
  }

  function outboxProblem({ engine: { outboxBytes: bytes, outboxLimitBytes: limit } }: AgentFacts) {
    return bytes >= limit ? toProblem(agentErrors.OUTBOX_FILLING({ bytes, limit })) : undefined;
  }
}
