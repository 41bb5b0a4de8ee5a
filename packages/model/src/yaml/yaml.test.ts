import { describe, expect, it } from 'vitest';
import { parseYaml } from './yaml.js';

describe('parseYaml', () => {
  it('knows the lines of values, and of the nearest parent of one that is not there', () => {
    const parsed = parseYaml('a: 1\nb:\n  - x: 2\n    y~/z: 3\n');
    if ('problem' in parsed) throw new Error(parsed.problem.en);
    expect(parsed.value).toEqual({ a: 1, b: [{ x: 2, 'y~/z': 3 }] });
    expect(['/a', '/b/0/x', '/b/0/y~0~1z', '/b/0/none', '/none'].map(parsed.lineOf)).toEqual([1, 3, 4, 3, 1]);
  });

  it.each([
    ['indentation', 'a:\n  b: 1\n c: 2\n', 3, /indentation/],
    ['a tab', 'a:\n\tb: 1\n', 2, /tabs/],
    ['a name twice', 'a: 1\na: 2\n', 2, /twice/],
    ['a bracket left open', 'a: [1\n', 2, /./],
    ['an alias without anchor', 'a: 1\nb: *c\n', 2, /anchor/],
    ['a backslash in double quotes', 'a: "C:\\data"\n', 1, /single quotes/],
    ['two documents', 'a: 1\n---\nb: 2\n', 2, /several documents/],
  ])('tells %s in words and with its line', (_what, text, line, words) => {
    const parsed = parseYaml(text);
    expect(parsed).toMatchObject({ line, problem: { en: expect.stringMatching(words) } });
    expect(parsed).toHaveProperty('problem.zh', expect.stringMatching(/\p{Script=Han}/u));
  });

  it('does not unfold aliases without end, and shows nothing of the text', () => {
    const bomb = ['a: &a0 [secret, secret]'];
    for (let n = 1; n < 12; n++) bomb.push(`b${n}: &a${n} [${`*a${n - 1},`.repeat(9)}]`);
    const parsed = parseYaml(bomb.join('\n'));
    expect(parsed).toMatchObject({ problem: { en: expect.stringMatching(/too much/) } });
    expect(JSON.stringify(parsed)).not.toContain('secret');
  });
});
