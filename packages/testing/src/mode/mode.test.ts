import type { ExchangeMode } from '@qianzhi/plugin-api';
import { describe, expect, it } from 'vitest';
import { modeTests } from './contract.js';
import { describeMode } from './describe-mode.js';
import { referenceMode, referenceModeHarness } from './reference-mode.js';

describeMode(referenceModeHarness());

const broken: [breaks: string, name: string, mode: ExchangeMode][] = [
  ['describe', 'has no schema of an object', { ...referenceMode, configSchema: { type: 'string' } as never }],
  [
    'plan',
    'names a job by the time of planning',
    {
      ...referenceMode,
      plan: (exchange, state, now) =>
        referenceMode
          .plan(exchange, state, now)
          .map((job) => ({ ...job, id: `${exchange.name}@${now.toISOString()}` })),
    },
  ],
  [
    'missed',
    'forgets what it missed',
    {
      ...referenceMode,
      plan: (exchange, state, now) =>
        referenceMode.plan(exchange, state, now).filter((job) => job.cause !== 'missed'),
    },
  ],
  [
    'run',
    'keeps the abort to itself',
    { ...referenceMode, run: (job, ports) => referenceMode.run(job, ports, new AbortController().signal) },
  ],
];

describe('the contract of modes finds each fault, and nothing else', () => {
  it.each(broken)('%s: %s', async (breaks, _name, mode) => {
    const failed = new Set<string>();
    for (const test of modeTests) {
      await test.run(referenceModeHarness(mode)).catch(() => failed.add(test.group));
    }
    expect([...failed]).toEqual([breaks]);
  });
});
