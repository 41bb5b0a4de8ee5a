import { Type } from '@qianzhi/model/schema';
import { describe, expect, it } from 'vitest';
import { askedFields, fieldsOf, fieldValue, isReference, nested } from './config-fields.js';

const schema = Type.Object({
  host: Type.String({ description: '主机 / host' }),
  port: Type.Integer({ default: 5432 }),
  user: Type.String(),
  password: Type.Optional(Type.String({ secret: true })),
  ssl: Type.Optional(
    Type.Object({
      mode: Type.Union([Type.Literal('disable'), Type.Literal('require')]),
      key: Type.Optional(Type.String({ secret: true })),
    }),
  ),
  readOnly: Type.Boolean({ default: false }),
  hosts: Type.Optional(Type.Array(Type.String())),
});
const fields = fieldsOf(schema);
const field = (key: string) => fields.find((each) => each.key === key)!;

describe('fields of a plugin schema', () => {
  it('are in its order, objects unfolded', () => {
    expect(fields.map(({ key, kind }) => `${key} ${kind}`)).toEqual([
      'host text',
      'port integer',
      'user text',
      'password text',
      'ssl.mode choice',
      'ssl.key text',
      'readOnly boolean',
      'hosts structure',
    ]);
    expect(fields.filter(({ required }) => required).map(({ key }) => key)).toEqual(['host', 'user']);
    expect(fields.filter(({ secret }) => secret).map(({ key }) => key)).toEqual(['password', 'ssl.key']);
    expect(field('ssl.mode').choices).toEqual(['disable', 'require']);
  });

  it('are asked up to the last that leads to the database', () => {
    expect(askedFields(fields).map(({ key }) => key)).toEqual(['host', 'port', 'user', 'password']);
  });

  it('of alternatives and parts are all listed, none of an alternative required', () => {
    const parts = Type.Intersect([Type.Object({ a: Type.String() }), Type.Object({ b: Type.String() })]);
    expect(fieldsOf(parts).map(({ key, required }) => [key, required])).toEqual([
      ['a', true],
      ['b', true],
    ]);
    const either = Type.Union([
      Type.Object({ a: Type.String() }),
      Type.Object({ a: Type.String(), b: Type.Integer() }),
    ]);
    expect(fieldsOf(either).map(({ key, required }) => [key, required])).toEqual([
      ['a', false],
      ['b', false],
    ]);
  });

  it.each([
    ['user', '007', '007'],
    ['port', '5433', 5433],
    ['readOnly', 'true', true],
    ['ssl.mode', 'require', 'require'],
    ['hosts', '[a, b]', ['a', 'b']],
    ['port', '[', '['],
  ])('%s=%s', (key, text, value) => {
    expect(fieldValue(field(key), text)).toEqual(value);
  });

  it('stand in their objects', () => {
    expect(
      nested([
        ['host', 'h'],
        ['ssl.mode', 'require'],
        ['ssl.key', 'k'],
      ]),
    ).toEqual({
      host: 'h',
      ssl: { mode: 'require', key: 'k' },
    });
    const odd = nested([['__proto__.x', 1]]);
    expect(({} as { x?: unknown }).x).toBeUndefined();
    expect(Object.hasOwn(odd, '__proto__')).toBe(true);
  });

  it('know a reference from a value', () => {
    expect(isReference('${file:./a}')).toBe(true);
    expect(isReference('x${file:./a}')).toBe(false);
  });
});
