import { openDifferences, type Problem, toProblem } from '@qianzhi/model';
import { agentErrors } from '../errors.js';
import type { AgentFacts, ExchangeFreshness } from '../watch/agent-facts.js';
import type { AlertRule, Condition } from './message.js';
import type { Thresholds } from './schema.js';

export interface Judgement {
  readonly holding: readonly Condition[];
  /** Whether it could not be judged yet: what was opened before stays open. */
  unknown(rule: AlertRule, subject: string): boolean;
}

/** What of the facts is worth an alert, by the thresholds. Pure. */
export function judge(facts: AgentFacts, thresholds: Thresholds): Judgement {
  return {
    unknown: (rule, subject) => isUnknown(rule, subject, facts),
    holding: [
      ...halted(facts),
      ...stopped(facts),
      ...silent(facts, thresholds),
      ...rejected(facts, thresholds),
      ...outbox(facts, thresholds),
      ...unreachable(facts, thresholds),
      ...clock(facts, thresholds),
      ...expiring(facts, thresholds),
      ...differing(facts, thresholds),
      ...deadLetters(facts),
    ],
  };
}

function isUnknown(rule: AlertRule, subject: string, facts: AgentFacts): boolean {
  const { link, connectors } = facts;
  switch (rule) {
    case 'source-silent':
      return !facts.ordered;
    case 'clock-skew':
      return link.clockSkewSeconds === undefined;
    case 'platform-unreachable':
      return link.lastContactAt === undefined && !link.problem;
    case 'connector-down':
      return connectors.some(({ connector, triedAt }) => connector === subject && triedAt === undefined);
    case 'end-near':
      return !facts.expiriesKnown;
    default:
      return false;
  }
}

function secondsSince(iso: string, { at }: AgentFacts): number {
  return (at.getTime() - Date.parse(iso)) / 1000;
}

function halted({ engine }: AgentFacts): Condition[] {
  return engine.halted ? [{ rule: 'store-halted', subject: 'state.db', problem: engine.halted }] : [];
}

const resumesExchange = /\bjob resume\b/;

/** An exchange that stopped stands for its streams; a stream that stopped by itself for its exchange. */
function stopped({ exchanges, streams }: AgentFacts): Condition[] {
  const ownStreams = streams.filter(
    ({ state, problem, restart, exchange }) =>
      problem &&
      (state === 'stopped' || state === 'paused') &&
      !resumesExchange.test(restart ?? '') &&
      // a person gave it up with its exchange
      (exchange !== undefined || problem.code !== 'QZ_ENGINE_OUTBOX_DISCARDED'),
  );
  const covered = new Set(ownStreams.map(({ exchange }) => exchange));
  const ownExchanges = exchanges.filter(
    ({ exchange, state, problem }) => problem && state === 'stopped' && !covered.has(exchange),
  );
  const of = (subject: string, problem: Problem, restart: string | undefined): Condition => ({
    rule: 'stream-stopped',
    subject,
    problem,
    restart,
  });
  return [
    ...ownStreams.map(({ name, problem, restart }) => of(name, problem!, restart)),
    ...ownExchanges.map(({ exchange, problem, restart }) => of(exchange, problem!, restart)),
  ];
}

/** How old data may be; undefined where nothing is promised. */
export function silentAfterSeconds(
  { cycleSeconds }: ExchangeFreshness,
  { silentCycles }: Thresholds,
): number | undefined {
  return cycleSeconds === undefined ? undefined : cycleSeconds * silentCycles;
}

/** One that was paused or has stopped is silent for a reason that is known. */
function silent(facts: AgentFacts, thresholds: Thresholds): Condition[] {
  return facts.exchanges.flatMap((exchange): Condition[] => {
    const limit = silentAfterSeconds(exchange, thresholds);
    const age = secondsSince(exchange.dataAt, facts);
    const halts = exchange.state === 'paused' || exchange.state === 'stopped';
    if (limit === undefined || age <= limit || halts) return [];
    const details = {
      exchange: exchange.exchange,
      resource: exchange.resource,
      hours: hours(age),
      cycleHours: hours(exchange.cycleSeconds!),
    };
    const problem = toProblem(agentErrors.SOURCE_SILENT(details));
    return [{ rule: 'source-silent', subject: exchange.exchange, problem }];
  });
}

const hours = (seconds: number) => Math.round(seconds / 360) / 10;

function rejected({ exchanges }: AgentFacts, { rejectedRows: limit }: Thresholds): Condition[] {
  return exchanges.flatMap(({ exchange, quarantined: rows }): Condition[] => {
    if (rows < limit) return [];
    const problem = toProblem(agentErrors.ROWS_REJECTED({ exchange, rows, limit }));
    return [{ rule: 'rejected-rows', subject: exchange, problem }];
  });
}

function outbox(facts: AgentFacts, { outboxShare, unreceiptedSeconds }: Thresholds): Condition[] {
  const { outboxBytes: bytes, outboxLimitBytes: limit, oldestUnreceipted } = facts.engine;
  const filling = toProblem(agentErrors.OUTBOX_FILLING({ bytes, limit }));
  return [
    ...(bytes >= limit * outboxShare
      ? [{ rule: 'outbox-filling' as const, subject: 'outbox', problem: filling }]
      : []),
    ...oldestUnreceipted.flatMap(({ resource, sealedAt }): Condition[] => {
      const seconds = Math.round(secondsSince(sealedAt, facts));
      if (seconds < unreceiptedSeconds) return [];
      const problem = toProblem(agentErrors.RECEIPT_LATE({ resource, seconds }));
      return [{ rule: 'receipts-late', subject: resource, problem }];
    }),
  ];
}

function unreachable(facts: AgentFacts, { unreachableSeconds }: Thresholds): Condition[] {
  const lasts = (since: string | undefined) =>
    since !== undefined && secondsSince(since, facts) >= unreachableSeconds;
  const { problem, problemSince } = facts.link;
  return [
    ...(problem && lasts(problemSince)
      ? [{ rule: 'platform-unreachable' as const, subject: 'platform', problem }]
      : []),
    ...facts.connectors.flatMap((one): Condition[] =>
      one.problem && lasts(one.failingSince)
        ? [{ rule: 'connector-down', subject: one.connector, problem: one.problem }]
        : [],
    ),
  ];
}

function clock({ link }: AgentFacts, { clockSkewSeconds }: Thresholds): Condition[] {
  const seconds = Math.round(link.clockSkewSeconds ?? 0);
  if (Math.abs(seconds) < clockSkewSeconds) return [];
  return [{ rule: 'clock-skew', subject: 'clock', problem: toProblem(agentErrors.CLOCK_OFF({ seconds })) }];
}

/** A reconciliation that failed says nothing of the rows; its schedule tries again, and the log has it. */
function differing({ reconciliations }: AgentFacts, { differingRows: limit }: Thresholds): Condition[] {
  return reconciliations.flatMap(({ exchange, resource, agreement, report }): Condition[] => {
    const rows = report ? openDifferences(report.remaining) : 0;
    if (rows < limit) return [];
    const problem = toProblem(agentErrors.RECONCILE_DIFFERS({ exchange, resource, rows }));
    const restart = `qianzhi reconcile ${resource} --repair`;
    return [{ rule: 'sides-differ', subject: `${exchange} ${agreement}`, problem, restart }];
  });
}

function deadLetters({ webhooks }: AgentFacts): Condition[] {
  return webhooks.flatMap(({ webhook, dead }): Condition[] => {
    if (dead.length === 0) return [];
    const problem = toProblem(agentErrors.WEBHOOK_DEAD({ webhook, dead: dead.length }));
    return [{ rule: 'webhook-dead', subject: webhook, problem, restart: `qianzhi webhook retry ${webhook}` }];
  });
}

function expiring(facts: AgentFacts, { expiryDays }: Thresholds): Condition[] {
  return facts.expiries.flatMap((expiry): Condition[] => {
    const { name, subject, expiresAt } = expiry;
    const days = Math.floor(-secondsSince(expiresAt, facts) / 86_400);
    if (days >= expiryDays) return [];
    const error =
      name === 'grant'
        ? agentErrors.GRANT_ENDING({ agreement: subject, resource: expiry.resource, expiresAt, days })
        : agentErrors.CERTIFICATE_ENDING({ host: subject, expiresAt, days });
    return [{ rule: 'end-near', subject: `${name} ${subject}`, problem: toProblem(error) }];
  });
}
