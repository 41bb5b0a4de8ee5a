import { Type } from '@sinclair/typebox';
import { describe, expect, it } from 'vitest';
import { isQianzhiError } from './errors/qianzhi-error.js';
import { checkShape } from './shape.js';

const Schema = Type.Object(
  {
    sharing: Type.Union([Type.Literal('open'), Type.Literal('closed')]),
    size: Type.Optional(Type.Integer({ minimum: 3 })),
    name: Type.Optional(Type.String({ minLength: 2 })),
    until: Type.Optional(Type.String({ format: 'date-time' })),
    store: Type.Optional(
      Type.Union([
        Type.Object({ kind: Type.Literal('file'), path: Type.String() }, { additionalProperties: false }),
        Type.Object({ kind: Type.Literal('server'), host: Type.String() }, { additionalProperties: false }),
      ]),
    ),
  },
  { additionalProperties: false },
);

describe('what is wrong with a shape', () => {
  it.each([
    [{ sharing: 'x' }, '/sharing 应为 open、closed 之一', '/sharing must be one of open, closed'],
    [{}, '/ 缺少 sharing', "/ must have required property 'sharing'"],
    [{ sharing: 'open', red: 1 }, '/ 不应有 red', '/ must NOT have additional properties (red)'],
    [{ sharing: 'open', size: 2 }, '/size 应 >= 3', '/size must be >= 3'],
    [{ sharing: 'open', size: 'x' }, '/size 应为整数', '/size must be integer'],
    [
      { sharing: 'open', name: 'x' },
      '/name 不得少于 2 个字符',
      '/name must NOT have fewer than 2 characters',
    ],
    [
      { sharing: 'open', until: 'soon' },
      '/until 应为日期时间,如 2026-12-31T00:00:00+08:00',
      '/until must match format "date-time"',
    ],
    [
      { sharing: 'open', store: { kind: 'disk', host: 'h' } },
      '/store/kind 应为 file、server 之一',
      '/store/kind must be one of file, server',
    ],
    [{ sharing: 'open', store: { host: 'h' } }, '/store 缺少 kind', '/store must have kind'],
    [
      { sharing: 'open', store: { kind: 'server', host: 'h', path: 'p' } },
      '/store 不应有 path',
      '/store must NOT have additional properties (path)',
    ],
    [
      { sharing: 'open', store: { kind: 'server', host: 1 } },
      '/store/host 应为文本',
      '/store/host must be string',
    ],
    [{ sharing: 'open', store: 'server' }, '/store 应为一组“名称: 值”', '/store must be object'],
  ])('%j is told in both languages', (input, zh, en) => {
    try {
      checkShape(Schema, input, 'it');
      expect.unreachable();
    } catch (error) {
      if (!isQianzhiError(error)) throw error;
      expect(error.texts.zh.message).toBe(`it 的格式不符:${zh}`);
      expect(error.texts.en.message).toBe(`it has a wrong shape: ${en}`);
    }
  });
});
