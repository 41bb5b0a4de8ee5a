import { expect, it } from 'vitest';
import { rewritten } from '../../config/build/rewritten.js';

const given = `
const a = { p: 1, q: 1 }, c = { q: 2 }, d = 3, no = undefined;
export const mixed = { ...a, // told
  b: { ...c, d }, ['e' + d]: 4, d, ...(no && { i: 5 }), ...(d && { ...c, j: 6 }), };
export const made = () => ({ ...a, ...{ ...c, list: [{ ...a, inner: { ...c, o: 1 } }] } });
export const method = { ...a, say() { return this.p } }.say();
export const kept = [{ ...a }, { k: 1, ...a, q: 5 }, [...[1]], Math.max(...[1, 2]), { ...a, get r() { return 1 } }];
`;

const run = (text: string) => import(`data:text/javascript,${encodeURIComponent(text)}`);

it('a literal that begins with a spread says the same as Object.assign, on the same lines', async () => {
  const written: string = rewritten(given);
  const [before, after] = [await run(given), await run(written)];
  expect(after.mixed).toEqual(before.mixed);
  expect(Object.keys(after.mixed)).toEqual(Object.keys(before.mixed));
  expect(after.made()).toEqual(before.made());
  expect([after.method, after.kept]).toEqual([before.method, before.kept]);
  expect(written.match(/Object\.assign/g)).toHaveLength(8);
  expect(written.split('\n').at(-2)).toBe(given.split('\n').at(-2));
  expect(written.split('\n')).toHaveLength(given.split('\n').length);
});

it('what was rewritten stays as it is', () => {
  expect(rewritten(rewritten(given))).toBe(rewritten(given));
});
