import canonicalizeJson from 'canonicalize';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalBytes } from './canonical.js';

// The package is CommonJS with a default export; types and Node disagree on the shape.
const canonicalize = canonicalizeJson as unknown as (value: unknown) => string;
const text = (value: unknown) => Buffer.from(canonicalBytes(value)).toString();

it('writes what the package of the RFC writes', () => {
  const letters = fc.string({
    unit: fc.constantFrom('a', 'B', '1', '10', '中', '"', '\\', '\n', '\u007f', '\u2028', '😀', '\ud83d'),
  });
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      letters,
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.date({ noInvalidDate: true }),
      fc.array(fc.oneof(tie('value'), fc.constant(undefined))),
      fc.dictionary(letters, fc.oneof(tie('value'), fc.constant(undefined))),
    ),
  }));
  fc.assert(
    fc.property(value, (one) => {
      expect(text(one)).toBe(Buffer.from(canonicalize(one)).toString());
    }),
    { numRuns: 2000 },
  );
});

it("orders names by their UTF-16 units, writes numbers as ECMAScript does: the RFC's own examples", () => {
  const numbers = [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001, -0];
  expect(text({ numbers, literals: [null, true, false] })).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27,0]}',
  );
  expect(text({ '€': 1, '\r': 2, '\ufb33': 3, '1': 4, '😀': 5, '\u0080': 6, ö: 7 })).toBe(
    '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
  );
});

it.each([
  [undefined],
  [() => 1],
  [1n],
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
  [[Number.NaN]],
  [{ a: 1n }],
])('refuses what has no canonical JSON: %s', (value) => {
  expect(() => canonicalBytes(value)).toThrow(TypeError);
});
