import type { Core } from './core.js';
import { engineErrors } from './errors.js';

/** As far apart two clocks may be that talk to each other; signed requests allow as much. */
const TOLERANCE_MS = 60_000;

/**
 * The clock is not before what the platform has signed already: its lease, this agent's key, and `more`. What is signed
 * here by a clock that was set back would be of a time at which the key was not valid, and a lease would last until the clock
 * came round again. Throws QZ_ENGINE_CLOCK_BEHIND, which passes when the clock is set right.
 */
export function requireClock(core: Core, more?: string): void {
  const { assignments, lease, identity } = core.options;
  const key = assignments()?.keys.find(({ keyId }) => keyId === identity.signingKey.keyId);
  const signed = [lease()?.issuedAt, key?.validFrom, more].filter((at) => at !== undefined);
  const floor = Math.max(...signed.map((at) => Date.parse(at)));
  const behindMs = floor - core.clock.now().getTime();
  if (behindMs <= TOLERANCE_MS) return;
  throw engineErrors.CLOCK_BEHIND({
    now: core.now(),
    floor: new Date(floor).toISOString(),
    seconds: Math.round(behindMs / 1000),
  });
}
