import fc from 'fast-check';
import { it as test } from 'vitest';

export { fc };

/** A property with as many runs as a unit test may take. */
export function it<Ts extends [unknown, ...unknown[]]>(
  name: string,
  arbitraries: { [K in keyof Ts]: fc.Arbitrary<Ts[K]> },
  property: (...values: Ts) => Promise<void>,
  numRuns = 50,
): void {
  test(name, () => fc.assert(fc.asyncProperty<Ts>(...arbitraries, property), { numRuns }));
}
