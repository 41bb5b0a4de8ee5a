import { isQianzhiError, type MaskRule } from '@qianzhi/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyRows } from '../arbitraries.js';
import { decodeRows } from '../decode.js';
import { resourceOf, rowsOf } from '../fixtures.js';
import { compileValidator } from '../validator/compile.js';
import { compileProjector, projectedResource } from './compile.js';

const pseudonymKey = Buffer.alloc(32, 7);

describe('a projection', () => {
  it('is the block itself when all is granted in clear', () => {
    const block = rowsOf(['U', 'a', 'b']);
    const projector = compileProjector(resourceOf([{}, {}]), ['c1', 'c0']);
    expect(projector).toMatchObject({ identity: true, columns: ['c0', 'c1'] });
    expect(projector.project(block)).toBe(block);
  });

  it('carries the granted columns in item order, for any rows and any grant', () => {
    const resource = resourceOf([{}, {}, {}, {}, {}]);
    const columns = resource.items.map((item) => item.column);
    fc.assert(
      fc.property(
        anyRows(5),
        fc.subarray(columns, { minLength: 1 }),
        fc.subarray([...columns]),
        (rows, granted, hidden) => {
          const masked = new Set(hidden.filter((column) => granted.includes(column)));
          const masks = Object.fromEntries([...masked].map((column) => [column, 'pseudonym' as const]));
          const projector = compileProjector(resource, [...granted].reverse(), { masks, pseudonymKey });
          expect(projector.columns).toEqual(granted);
          const projected = [
            ...decodeRows(projector.project(rowsOf(...rows.map((row) => [row.op, ...row.fields] as const)))),
          ];
          const seen = new Map<string, string | null>();
          expect(projected.map((row) => row.op)).toEqual(rows.map((row) => row.op));
          projected.forEach(({ fields }, row) => {
            expect(fields.length).toBe(granted.length);
            fields.forEach((field, at) => {
              const clear = rows[row]!.fields[columns.indexOf(granted[at]!)]!;
              if (!masked.has(granted[at]!) || clear === null) {
                expect(field).toBe(clear);
                return;
              }
              expect(field).toMatch(/^[\w-]{43}$/);
              expect(seen.get(clear) ?? field).toBe(field);
              seen.set(clear, field);
            });
          });
        },
      ),
    );
  });

  it('keeps a delete a delete', () => {
    const resource = resourceOf([{ key: true }, {}, {}]);
    const masks = { c2: 'name' } as const;
    const projected = compileProjector(resource, ['c0', 'c2'], { masks }).project(
      rowsOf(['D', 'k', null, null]),
    );
    expect(Buffer.from(projected).toString()).toBe('D\tk\t\\N\n');
  });

  it('fits the resource as its consumer sees it', () => {
    const resource = resourceOf([
      { key: true, schemes: ['uscc'], length: 18 },
      { length: 2, pattern: '[一-龥]{2}' },
      { type: 'D', required: true },
      { schemes: ['citizenId'], idTypeColumn: 'c4' },
      {},
      { length: 2 },
    ]);
    const masks = { c0: 'pseudonym', c1: 'name', c2: 'pseudonym', c5: 'address' } as const;
    const columns = ['c0', 'c1', 'c2', 'c3', 'c5'];
    const block = rowsOf(
      ['U', '914403001922038216', '张三', '2020-01-01', 'E1234', '111', '路'],
      ['D', '914403001922038216', null, null, null, null, null],
    );
    const projected = compileProjector(resource, columns, { masks, pseudonymKey }).project(block);
    const seen = projectedResource(resource, columns, masks);
    expect(seen.items.map((item) => [item.column, item.type, item.key ?? false])).toEqual([
      ['c0', 'C', true],
      ['c1', 'C', false],
      ['c2', 'C', false],
      ['c3', 'C', false],
      ['c5', 'C', false],
    ]);
    expect(compileValidator(seen).validate(projected).rejected).toEqual([]);
  });

  it.each([
    ['an unknown column', ['c9'], {}],
    ['a mask of an unknown column', ['c0'], { masks: { c9: 'name' as const } }],
    ['a mask of text on a date', ['c1'], { masks: { c1: 'name' as const } }],
    ['a pseudonym without key', ['c0'], { masks: { c0: 'pseudonym' as const } }],
    [
      'a pseudonym with a short key',
      ['c0'],
      { masks: { c0: 'pseudonym' as const }, pseudonymKey: Buffer.alloc(16) },
    ],
  ])('with %s is refused', (_, columns, options) => {
    try {
      compileProjector(resourceOf([{}, { type: 'D' }]), columns, options);
      expect.unreachable();
    } catch (error) {
      expect(isQianzhiError(error, 'QZ_ROWS_GRANT')).toBe(true);
    }
  });
});

describe('a mask', () => {
  function shown(rule: MaskRule, value: string, key = pseudonymKey): string | null {
    const projector = compileProjector(resourceOf([{}]), ['c0'], { masks: { c0: rule }, pseudonymKey: key });
    return [...decodeRows(projector.project(rowsOf(['U', value])))][0]!.fields[0]!;
  }

  it.each<[MaskRule, string, string]>([
    ['name', '张三', '张*'],
    ['name', '张三丰', '张**'],
    ['name', '欧阳娜娜', '欧阳**'],
    ['name', '欧阳修', '欧阳*'],
    ['name', '司马', '司*'],
    ['name', '阿卜杜拉·买买提', '阿*******'],
    ['name', '𠮷田', '𠮷*'],
    ['name', '张', '*'],
    ['name', '', ''],
    ['id-6-4', '440524188001010014', '440524********0014'],
    ['id-3-4', '440524188001010014', '440***********0014'],
    ['id-6-4', 'E12345678', '*********'],
    ['id-3-4', 'E1234567890', 'E12****7890'],
    ['phone', '13800138000', '138****8000'],
    ['phone', '0752-2808080', '075*****8080'],
    ['phone', '28080801', '****0801'],
    ['phone', '110', '***'],
    ['address', '广东省惠州市惠城区江北街道云山西路4号', '广东省惠州市惠城区'],
    ['address', '北京市朝阳区建国路93号院1号楼', '北京市朝阳区'],
    ['address', '江苏省昆山市玉山镇花园小区2栋', '江苏省昆山市'],
    ['address', '内蒙古自治区呼伦贝尔市鄂温克族自治旗巴彦托海镇', '内蒙古自治区呼伦贝尔市鄂温克族自治旗'],
    ['address', '新疆维吾尔自治区伊犁哈萨克自治州新源县则克台镇', '新疆维吾尔自治区伊犁哈萨克自治州新源县'],
    ['address', '湖北省荆州市沙市区中山路1号', '湖北省荆州市沙市区'],
    ['address', '山东省青岛市市北区延安路', '山东省青岛市市北区'],
    ['address', '湖南省常德市津市市汪家桥', '湖南省常德市津市市'],
    ['address', '江西省景德镇市珠山区新村路', '江西省景德镇市珠山区'],
    ['address', '黑龙江省哈尔滨市道里区中央大街1号', '黑龙江省哈尔滨市道里区'],
    ['address', '江苏省镇江市京口区学府路', '江苏省镇江市京口区'],
    ['address', '四川省阿坝藏族羌族自治州九寨沟县漳扎镇', '四川省阿坝藏族羌族自治州九寨沟县'],
    ['address', '重庆市石柱土家族自治县南宾街道', '重庆市石柱土家族自治县'],
    ['address', '广东省东莞市南城街道鸿福路', '广东省东莞市'],
    ['address', '惠城区江北街道文明市场3号', '惠城区'],
    ['address', '人民路12号', '***'],
    ['address', '某某小区5栋', '***'],
  ])('%s shows %s as %s', (rule, value, expected) => expect(shown(rule, value)).toBe(expected));

  it('never shows more than its rule keeps, whatever the value', () => {
    const rules: MaskRule[] = ['name', 'id-6-4', 'id-3-4', 'phone'];
    fc.assert(
      fc.property(
        fc.constantFrom(...rules),
        fc.string({ minLength: 2, unit: fc.constantFrom('甲', '7', '𠮷', '\t', '\\') }),
        (rule, value) => {
          const characters = [...shown(rule, value)!];
          expect(characters.length).toBe([...value].length);
          const kept = characters.filter((character) => character !== '*').length;
          expect(kept).toBeLessThanOrEqual({ name: 2, 'id-6-4': 10, 'id-3-4': 7, phone: 7 }[rule as 'name']);
          expect(kept).toBeLessThan(characters.length);
        },
      ),
    );
  });

  it('pseudonym differs by key and joins under one', () => {
    expect(shown('pseudonym', 'a')).toBe(shown('pseudonym', 'a'));
    expect(shown('pseudonym', 'a')).not.toBe(shown('pseudonym', 'a', Buffer.alloc(32, 8)));
  });
});
