import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const specifier =
  /(?:^|\n)\s*(?:import|export)\b(?:[^;'"]*?\bfrom\s*)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;

/** Every module that loading `entry` loads, types included, with what it imports from outside the package. */
function follow(entry: URL, seen = new Map<string, string[]>()): Map<string, string[]> {
  if (seen.has(entry.href)) return seen;
  const imports = [...readFileSync(entry, 'utf8').matchAll(specifier)].map(
    (match) => (match[1] ?? match[2])!,
  );
  seen.set(
    entry.href,
    imports.filter((name) => !name.startsWith('.')),
  );
  for (const name of imports.filter((n) => n.startsWith('.')))
    follow(new URL(name.replace(/\.js$/, '.ts'), entry), seen);
  return seen;
}

it('the package root runs in a browser: nothing it imports needs Node', () => {
  const modules = follow(new URL('./index.ts', import.meta.url));
  const allowed = new Set(['@sinclair/typebox', '@sinclair/typebox/compiler', 'ajv', 'ajv-formats']);
  const outside = [...modules].flatMap(([file, names]) => names.map((name) => ({ file, name })));
  expect(outside.filter(({ name }) => !allowed.has(name))).toEqual([]);
  expect([...modules.keys()].some((file) => file.endsWith('/errors/problem.ts'))).toBe(true);
});

it('and the same walk does find Node behind the crypto entry', () => {
  const modules = follow(new URL('./crypto/index.ts', import.meta.url));
  expect([...modules.values()].flat()).toContain('node:crypto');
});
