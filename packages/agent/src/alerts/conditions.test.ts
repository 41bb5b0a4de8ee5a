import type { StreamInfo } from '@qianzhi/engine';
import { toProblem } from '@qianzhi/model';
import { describe, expect, it } from 'vitest';
import { agentErrors } from '../errors.js';
import { agentFacts, ago, exchangeFacts, thresholds } from '../testing/facts.js';
import type { AgentFacts } from '../watch/agent-facts.js';
import { readiness } from '../watch/readiness.js';
import { judge } from './conditions.js';
import { ThresholdsSchema } from './schema.js';

const broken = toProblem(agentErrors.CONTROL_FAILED());
const held = (more: Partial<AgentFacts>) =>
  judge(agentFacts(more), thresholds).holding.map(({ rule, subject, problem }) => [
    rule,
    subject,
    problem.code,
  ]);
const engine = (more: Partial<AgentFacts['engine']>) => ({ engine: { ...agentFacts().engine, ...more } });
const link = (more: Partial<AgentFacts['link']>) => ({ link: { ...agentFacts().link, ...more } });
const hook = (webhook: string, dead: number): AgentFacts['webhooks'][number] => ({
  webhook,
  exchange: 'in',
  host: 'oa',
  state: 'blocked',
  onDead: 'block',
  dead: Array.from({ length: dead }, (_, n) => ({
    id: `msg_${n}`,
    records: 1,
    bytes: 9,
    attempts: 1,
    at: ago(1),
    problem: broken,
  })),
  sentBatches: 0,
  sentRecords: 0,
});
const stream = (more: Partial<StreamInfo>) =>
  ({ name: 'town/mz/1', state: 'stopped', problem: broken, ...more }) as StreamInfo;

describe('what is worth an alert', () => {
  it('is nothing while all is well, and the defaults are these thresholds', () => {
    expect(held({})).toEqual([]);
    const defaults = Object.entries(ThresholdsSchema.properties).map(([name, one]) => [name, one.default]);
    expect(Object.fromEntries(defaults)).toEqual(thresholds);
  });

  it.each<[string, Partial<AgentFacts>, unknown[]]>([
    ['a store that halted', engine({ halted: broken }), [['store-halted', 'state.db', broken.code]]],
    [
      'a stream that stopped by itself, not once more as its exchange',
      {
        streams: [stream({ exchange: 'supply-town', restart: 'qianzhi stream resume town' })],
        exchanges: [exchangeFacts({ state: 'stopped', problem: broken })],
      },
      [['stream-stopped', 'town/mz/1', broken.code]],
    ],
    [
      'an exchange that stopped, not once more as its streams',
      {
        streams: [stream({ exchange: 'supply-town', restart: 'qianzhi job resume supply-town' })],
        exchanges: [exchangeFacts({ state: 'stopped', problem: broken })],
      },
      [['stream-stopped', 'supply-town', broken.code]],
    ],
    [
      'a webhook with dead letters',
      { webhooks: [hook('block', 1), hook('fine', 0)] },
      [['webhook-dead', 'block', 'QZ_AGENT_WEBHOOK_DEAD']],
    ],
    ['what a person paused', { exchanges: [exchangeFacts({ state: 'paused', dataAt: ago(9e6) })] }, []],
    [
      'data older than one and a half cycles',
      { exchanges: [exchangeFacts({ dataAt: ago(129_700) })] },
      [['source-silent', 'supply-town', 'QZ_AGENT_SOURCE_SILENT']],
    ],
    ['data a little younger', { exchanges: [exchangeFacts({ dataAt: ago(129_500) })] }, []],
    [
      'old data of no cycle',
      { exchanges: [exchangeFacts({ dataAt: ago(9e6), cycleSeconds: undefined })] },
      [],
    ],
    [
      'rows in quarantine',
      { exchanges: [exchangeFacts({ quarantined: 100 })] },
      [['rejected-rows', 'supply-town', 'QZ_AGENT_ROWS_REJECTED']],
    ],
    [
      'an outbox that fills',
      engine({ outboxBytes: 800 }),
      [['outbox-filling', 'outbox', 'QZ_AGENT_OUTBOX_FILLING']],
    ],
    [
      'a batch without receipt',
      engine({ oldestUnreceipted: [{ resource: 'town', sealedAt: ago(901) }] }),
      [['receipts-late', 'town', 'QZ_AGENT_RECEIPT_LATE']],
    ],
    ['a short interruption', link({ problem: broken, problemSince: ago(599) }), []],
    [
      'a platform out of reach',
      link({ problem: broken, problemSince: ago(600) }),
      [['platform-unreachable', 'platform', broken.code]],
    ],
    [
      'a connector that cannot be opened',
      { connectors: [{ connector: 'civil', triedAt: ago(1), problem: broken, failingSince: ago(700) }] },
      [['connector-down', 'civil', broken.code]],
    ],
    [
      'a clock that is behind',
      link({ clockSkewSeconds: -12 }),
      [['clock-skew', 'clock', 'QZ_AGENT_CLOCK_OFF']],
    ],
    [
      'a certificate that ends soon',
      { expiries: [{ name: 'platform-certificate', subject: 'a:443', expiresAt: ago(-29.5 * 86_400) }] },
      [['end-near', 'platform-certificate a:443', 'QZ_AGENT_CERTIFICATE_ENDING']],
    ],
    [
      'a grant that ends soon, and one that ends later',
      {
        expiries: [
          { name: 'grant', subject: 'A-1', resource: 'town', expiresAt: ago(-29.5 * 86_400) },
          { name: 'grant', subject: 'A-2', resource: 'firm', expiresAt: ago(-31 * 86_400) },
        ],
      },
      [['end-near', 'grant A-1', 'QZ_AGENT_GRANT_ENDING']],
    ],
  ])('%s', (_what, more, conditions) => {
    expect(held(more)).toEqual(conditions);
  });

  it('stays undecided where an agent that just started cannot know', () => {
    const started = judge(
      agentFacts({
        ...link({ clockSkewSeconds: undefined, lastContactAt: undefined }),
        ordered: false,
        expiriesKnown: false,
        connectors: [{ connector: 'civil' }],
      }),
      thresholds,
    );
    for (const [rule, subject] of [
      ['source-silent', 'x'],
      ['clock-skew', 'clock'],
      ['platform-unreachable', 'platform'],
      ['connector-down', 'civil'],
      ['end-near', 'grant A-1'],
    ] as const)
      expect(started.unknown(rule, subject), rule).toBe(true);
    expect(started.unknown('connector-down', 'removed-from-the-config')).toBe(false);
    expect(started.unknown('stream-stopped', 'town')).toBe(false);
  });
});

describe('readiness', () => {
  const notReady = (more: Partial<AgentFacts>) =>
    readiness(agentFacts(more)).flatMap(({ part, problem }) => (problem ? [[part, problem.code]] : []));

  it('names every part that is not ready', () => {
    expect(notReady({})).toEqual([]);
    expect(
      notReady({
        ...link({ online: false, lastContactAt: undefined, leaseExpiresAt: undefined }),
        ...engine({ halted: broken, outboxBytes: 1_000 }),
        ordered: false,
        connectors: [{ connector: 'civil', problem: broken }],
        exchanges: [
          exchangeFacts({ state: 'stopped', problem: broken }),
          exchangeFacts({ exchange: 'pull-tax', direction: 'consume', state: 'paused' }),
        ],
      }),
    ).toEqual([
      ['state', broken.code],
      ['platform', 'QZ_AGENT_NOT_CLAIMED'],
      ['orders', 'QZ_AGENT_NO_ASSIGNMENTS'],
      ['lease', 'QZ_AGENT_LEASE_EXPIRED'],
      ['outbox', 'QZ_AGENT_OUTBOX_FILLING'],
      ['connector civil', broken.code],
      ['exchange supply-town', broken.code],
    ]);
  });
});
