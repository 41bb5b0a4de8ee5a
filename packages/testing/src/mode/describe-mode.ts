import { describe, it } from 'vitest';
import { modeTests } from './contract.js';
import { type ModeHarness, modeGroups } from './harness.js';

/** Registers the contract of modes with vitest. Call it at the top of a test file. */
export function describeMode(harness: ModeHarness): void {
  describe(`mode contract: ${harness.name}`, () => {
    for (const group of modeGroups) {
      describe(group, () => {
        for (const test of modeTests.filter((each) => each.group === group))
          it(test.name, () => test.run(harness));
      });
    }
  });
}
