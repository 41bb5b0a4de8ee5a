import type { Exchange } from '@qianzhi/model';
import { describeMode } from '@qianzhi/testing';
import { describe, expect, it } from 'vitest';
import { sharing } from './sharing.js';

const base = { mode: 'sftp', connector: 'folder', rejectLimit: 0.05 };

describeMode({
  name: 'sftp',
  mode: sharing,
  exchange: ({ name, side, schedule }) =>
    side === 'supply'
      ? { ...base, name, schedule, supply: 'village', strategy: 'snapshot', source: {} }
      : { ...base, name, schedule, consume: 'village', target: {} },
});

describe('前置机共享', () => {
  const looking: Exchange = {
    ...base,
    name: 'in',
    consume: 'village',
    target: {},
    modeOptions: { everySeconds: 30 },
  };
  const since = new Date('2026-03-01T00:00:00Z');

  it('looks every so many seconds, once for all that were missed', () => {
    const now = new Date('2026-03-02T00:00:44Z');
    const [job, ...more] = sharing.plan(looking, { since, lastPlanned: since }, now);
    expect([job!.dueAt.toISOString(), more]).toEqual(['2026-03-02T00:00:30.000Z', []]);
    expect(sharing.plan(looking, { since, lastPlanned: job!.dueAt }, now)).toEqual([]);
    const next = sharing.nextDue?.(looking, { since, lastPlanned: job!.dueAt }, now);
    expect(next?.toISOString()).toBe('2026-03-02T00:01:00.000Z');
  });
});
