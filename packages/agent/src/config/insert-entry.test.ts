import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { insertEntry } from './insert-entry.js';

const connector = { list: 'connectors', name: 'tax', value: { type: 'x', password: '${file:./a}' } } as const;
const exchange = { list: 'exchanges', value: { name: 'b', supply: 'r', source: { table: 't' } } } as const;

const connectorLines = '  tax:\n    type: x\n    password: ${file:./a}\n';
const exchangeLines = '  - name: b\n    supply: r\n    source:\n      table: t\n';

describe('a further entry of agent.yaml', () => {
  it.each([
    [
      'the last of its list, before what follows',
      'connectors:\n  civil:\n    type: sqlite\n    path:   ./a   # why\n    # readOnly: true\n\n# next\nlog: {level: info}\n',
      connector,
      `connectors:\n  civil:\n    type: sqlite\n    path:   ./a   # why\n    # readOnly: true\n${connectorLines}\n# next\nlog: {level: info}\n`,
    ],
    [
      'a first one where the list is empty',
      'connectors: {}   # none\n#  civil:\n#    type: sqlite\nexchanges: []\n',
      connector,
      `connectors:   # none\n${connectorLines}#  civil:\n#    type: sqlite\nexchanges: []\n`,
    ],
    [
      'where only the name of the list stands',
      'exchanges:\nlog: {}\n',
      exchange,
      `exchanges:\n${exchangeLines}log: {}\n`,
    ],
    [
      'where there is no list',
      '# mine\nlog: {}',
      exchange,
      `# mine\nlog: {}\n\nexchanges:\n${exchangeLines}`,
    ],
    [
      'behind an entry in braces, without a line end',
      'exchanges:\n- { name: a }',
      exchange,
      `exchanges:\n- { name: a }\n${exchangeLines.replace(/^ {2}/gm, '')}`,
    ],
    [
      'behind a text of several lines',
      'connectors:\n    a:\n        ca: |\n            x\n            y\n',
      connector,
      `connectors:\n    a:\n        ca: |\n            x\n            y\n${connectorLines.replace(/^ {2}/gm, '    ')}`,
    ],
    ['in an empty file', '', exchange, `\nexchanges:\n${exchangeLines}`],
  ])('%s', (_, text, entry, expected) => {
    expect(insertEntry(text, entry)).toBe(expected);
  });

  it('keeps values and comments of a list in brackets', () => {
    const text = '# mine\nconnectors: { a: { type: y } } # so\nlog: {}\n';
    const result = insertEntry(text, connector);
    expect(parse(result)).toEqual({ connectors: { a: { type: 'y' }, tax: connector.value }, log: {} });
    expect(result).toContain('# mine');
    expect(result).toContain('# so');
  });

  it('keeps an anchor that entries share', () => {
    const text = 'connectors:\n  a: &base { type: y }\n  b: *base\n';
    const result = insertEntry(text, connector);
    expect(result).toBe(text + connectorLines);
  });
});
