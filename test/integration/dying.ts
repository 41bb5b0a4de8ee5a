import type { Failpoint } from '@qianzhi/engine';
import type { SiteAgent, StartChanges } from './site-agent.js';
import { until } from './until.js';

export interface Death {
  readonly failpoint: (name: Failpoint) => void;
  died(): boolean;
}

/** Dies where it comes to the point for the `nth` time. */
export function dyingAt(point: Failpoint, nth: number): Death {
  let met = 0;
  return {
    died: () => met >= nth,
    failpoint(name) {
      if (name === point && ++met >= nth) throw new Error(`died at ${point}`);
    },
  };
}

/** Runs an exchange until its agent dies there, then starts the agent anew. */
export async function crash(
  agent: SiteAgent,
  exchange: string,
  death: Death,
  again: StartChanges,
): Promise<void> {
  await agent.start({ ...again, failpoint: death.failpoint });
  await agent.sync();
  agent.engine.jobs.run(exchange);
  await until(`${exchange} died`, death.died);
  await agent.kill();
  await agent.start(again);
}
