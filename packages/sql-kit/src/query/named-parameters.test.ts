import { describe, expect, it } from 'vitest';
import { bindParameters } from './named-parameters.js';

const known = ['code', 'name'];
const place = (at: number) => `$${at}`;

describe('parameters of a statement', () => {
  it('each occurrence is a place of its own', () => {
    const bound = bindParameters(
      'SELECT a FROM t WHERE c = :code AND (:name IS NULL OR n = :name);',
      known,
      place,
    );
    expect(bound).toEqual({
      sql: 'SELECT a FROM t WHERE c = $1 AND ($2 IS NULL OR n = $3)',
      parameters: ['code', 'name', 'name'],
    });
  });

  it.each([
    "SELECT ':code' FROM t",
    'SELECT ":code" FROM t',
    'SELECT `:code` FROM t',
    'SELECT 1 -- :code; and more\nFROM t',
    'SELECT 1 /* :code; */ FROM t',
    'SELECT $$:code;$$ FROM t',
    'SELECT $x$ $$ :code $x$ FROM t',
    "SELECT 'it''s :code' FROM t",
    'SELECT a::text FROM t',
  ])('are not looked for in %s', (statement) => {
    expect(bindParameters(statement, known, place)).toEqual({ sql: statement, parameters: [] });
  });

  it('a cast behind one is left as it is', () => {
    expect(bindParameters('SELECT :code::int8', known, place).sql).toBe('SELECT $1::int8');
  });

  it.each(['SELECT 1; SELECT 2', 'DELETE FROM t', 'SELECT :other', '-- SELECT\nUPDATE t SET a = 1', ''])(
    'refuses %s',
    (statement) => {
      expect(() => bindParameters(statement, known, place)).toThrow(
        expect.objectContaining({ code: 'QZ_SQL_STATEMENT_WRONG' }),
      );
    },
  );
});
