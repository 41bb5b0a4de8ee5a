import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { removeEntry } from './remove-entry.js';

const b = { list: 'exchanges', name: 'b' } as const;
const civil = { list: 'connectors', name: 'civil' } as const;

describe('an entry taken out of agent.yaml', () => {
  it.each([
    [
      'from the middle, with what is inside it',
      'exchanges:\n  # first\n  - name: a   # why\n    supply: r\n  # second\n  - name: b\n    supply: s\n    # schedule: {}\n  - { name: c, supply: t }\n\n# next\nlog: {}\n',
      b,
      'exchanges:\n  # first\n  - name: a   # why\n    supply: r\n  # second\n  - { name: c, supply: t }\n\n# next\nlog: {}\n',
    ],
    [
      'the last one, without a line end',
      'exchanges:\n- name: a\n- supply: s\n  name: b',
      b,
      'exchanges:\n- name: a\n',
    ],
    [
      'a connector with a text of several lines',
      'connectors:\n    civil:\n        ca: |\n            x\n            y\n    tax: { type: y }\nlog: {}\n',
      civil,
      'connectors:\n    tax: { type: y }\nlog: {}\n',
    ],
    [
      'the first of two, under a comment of the list',
      'connectors: # mine\n  civil:\n    type: x\n\n  # the other\n  tax:\n    type: y\n',
      civil,
      'connectors: # mine\n\n  # the other\n  tax:\n    type: y\n',
    ],
  ])('%s', (_, text, entry, expected) => {
    expect(removeEntry(text, entry)).toBe(expected);
  });

  it.each([
    ['the only one', '# mine\nexchanges:\n  - name: b # it\nlog: {}\n', b, { exchanges: [], log: {} }],
    [
      'one of a list in brackets',
      '# mine\nconnectors: { civil: { type: x }, tax: { type: y } }\n',
      civil,
      { connectors: { tax: { type: 'y' } } },
    ],
  ])('%s leaves values and comments', (_, text, entry, left) => {
    const result = removeEntry(text, entry);
    expect(parse(result)).toEqual(left);
    expect(result).toContain('# mine');
  });
});
