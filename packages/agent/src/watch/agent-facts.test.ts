import type { Engine } from '@qianzhi/engine';
import type { Assignments, CatalogResource, Exchange } from '@qianzhi/model';
import { Cron } from 'croner';
import { describe, expect, it } from 'vitest';
import type { PlatformLink } from '../link/platform-link.js';
import { withSchedules } from '../setup/propose-schedule.js';
import { agentFacts } from '../testing/facts.js';
import { type ExchangeFreshness, gatherFacts } from './agent-facts.js';

type Cycle = CatalogResource['updateCycle'];

const supply = { name: 'supply-town', supply: 'town', connector: 'civil' } as unknown as Exchange;
const consume = { name: 'pull-town', consume: 'town', connector: 'civil' } as unknown as Exchange;
const assigned = (updateCycle: Cycle) => {
  const resource = { code: 'town', schemaVersion: 1, updateCycle };
  const grant = { body: { agreement: 'a', resource: 'town', validTo: '2030-01-01T00:00:00.000Z' } };
  return {
    supply: [{ duty: { body: { resource: 'town' } }, resource }],
    consume: [{ grant, resources: [resource] }],
  } as unknown as Assignments;
};

interface Known {
  readonly exchange?: Exchange;
  readonly cycle?: Cycle;
  readonly dataAt?: string;
  readonly lastSuccessAt?: string;
  readonly now: string;
}

/** What an agent says of one exchange at a moment of the clock; it first knew the exchange on 5 January 2026. */
function freshness({ exchange = supply, cycle, dataAt, lastSuccessAt, now }: Known): ExchangeFreshness {
  const { name } = exchange;
  const direction = 'supply' in exchange ? 'supply' : 'consume';
  const own = { exchange: name, since: '2026-01-05T00:00:00.000Z', dataAt, quarantined: 0 };
  const info = { exchange: name, resource: 'town', direction, state: 'running', lastSuccessAt };
  const engine = {
    facts: () => ({ ...agentFacts().engine, exchanges: [own] }),
    exchanges: { list: () => [info] },
    streams: { list: () => [] },
    reconciling: { results: () => [] },
  } as unknown as Engine;
  const assignments = () => cycle && assigned(cycle);
  const link = { assignments, status: () => agentFacts().link } as unknown as PlatformLink;
  return gatherFacts({
    engine,
    link,
    connectors: { facts: () => [] } as never,
    certificate: { end: () => undefined, known: () => true } as never,
    config: () => agentFacts().config,
    configured: () => [exchange],
    webhooks: () => [],
    now: () => new Date(now),
  }).exchanges[0]!;
}

describe('what is due', () => {
  it('counts from the last run that ended well, for a source may have nothing new', () => {
    const known = { cycle: 'quarterly', dataAt: '2026-01-06T00:00:00.000Z' } as const;
    const silent = freshness({ ...known, now: '2026-04-11T16:00:00.000Z' });
    expect(silent).toMatchObject({ dueAt: '2026-04-10T15:59:59.000Z', overdueSeconds: 86_401 });
    const read = { ...known, lastSuccessAt: '2026-04-05T18:00:00.000Z', now: '2026-04-11T16:00:00.000Z' };
    expect(freshness(read)).toMatchObject({ dueAt: '2026-07-10T15:59:59.000Z', overdueSeconds: 0 });
  });

  it('counts from when the exchange was first known, before there is any data', () => {
    const none = freshness({ cycle: 'daily', now: '2026-01-06T16:00:00.000Z' });
    expect(none).toMatchObject({ hasData: false, dueAt: '2026-01-06T15:59:59.000Z', overdueSeconds: 1 });
  });

  it('counts from the newest data for what is consumed: having asked in vain is no update', () => {
    const known = { cycle: 'daily', dataAt: '2026-06-01T00:00:00.000Z' } as const;
    const asked = { lastSuccessAt: '2026-06-09T00:00:00.000Z', now: '2026-06-09T15:59:59.000Z' };
    const found = freshness({ exchange: consume, ...known, ...asked });
    expect(found).toMatchObject({ dueAt: '2026-06-02T15:59:59.000Z', overdueSeconds: 7 * 86_400 });
  });

  it('is nothing for what is irregular or not ordered', () => {
    const now = '2026-06-09T00:00:00.000Z';
    const nothing = { dueAt: undefined, overdueSeconds: 0 };
    expect(freshness({ cycle: 'irregular', now })).toMatchObject(nothing);
    expect(freshness({ now })).toMatchObject({ ...nothing, updateCycle: undefined, schedule: undefined });
  });
});

describe('the schedule of an exchange without one', () => {
  it('makes it another exchange only where the cycle is another', () => {
    const at = (cycle: Cycle) => withSchedules([supply], assigned(cycle))[0];
    const daily = at('daily');
    expect(at('daily')).toBe(daily);
    expect(at('weekly')).not.toBe(daily);
  });

  const cronOf = (exchange: Exchange, cycle?: Cycle) =>
    withSchedules([exchange], cycle && assigned(cycle))[0]!.schedule?.cron;

  it.each([
    ['daily', '2028-02-28T00:00:00.000Z', '2028-02-28'],
    ['monthly', '2026-01-31T00:00:00.000Z', '2026-01-31'],
    ['quarterly', '2026-03-30T00:00:00.000Z', '2026-03-31'],
    ['quarterly', '2026-04-01T00:00:00.000Z', '2026-04-05'],
    ['yearly', '2026-12-31T12:00:00.000Z', '2026-12-31'],
  ] as const)('%s: follows the update cycle, in the night of Shanghai', (cycle, now, expected) => {
    const slots = new Cron(cronOf(supply, cycle)!, { paused: true, utcOffset: 480 });
    expect(slots.nextRun(new Date(now))?.toISOString()).toMatch(`${expected}T18:`);
    expect(freshness({ cycle, now })).toMatchObject({ schedule: { from: 'cycle' } });
  });

  it("is never in place of the config's own, nor of `schedule: {}`, which means by hand", () => {
    const own = { ...supply, schedule: { cron: '5 4 * * *', missed: 'skip' as const } };
    const byHand = { ...supply, schedule: { missed: 'run-once' as const } };
    expect(cronOf(own, 'realtime')).toBe('5 4 * * *');
    expect(freshness({ exchange: own, cycle: 'daily', now: '2026-06-09T00:00:00.000Z' })).toMatchObject({
      schedule: { cron: '5 4 * * *', from: 'config' },
    });
    expect(cronOf(byHand, 'realtime')).toBeUndefined();
    expect(freshness({ exchange: byHand, cycle: 'daily', now: '2026-06-09T00:00:00.000Z' }).schedule).toBe(
      undefined,
    );
  });

  it('is none for what is consumed, and none before the resource is ordered', () => {
    expect(cronOf(consume, 'daily')).toBeUndefined();
    expect(cronOf(supply)).toBeUndefined();
  });

  it('follows a cycle that the catalog changes', () => {
    expect(cronOf(supply, 'realtime')).toBe('* * * * *');
    expect(cronOf(supply, 'weekly')).toMatch(/ 2 \* \* 1$/);
  });
});
