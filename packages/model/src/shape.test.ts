import { Type } from '@sinclair/typebox';
import { describe, expect, it } from 'vitest';
import { GrantSchema, LeaseSchema, SupplyDutySchema } from './agreement/agreement.js';
import { DeliverySchema, SignedDeliverySchema } from './batch/delivery.js';
import { BatchManifestSchema, SignedManifestSchema } from './batch/manifest.js';
import { CatalogItemSchema } from './catalog/item.js';
import { CatalogResourceSchema } from './catalog/resource.js';
import { isQianzhiError } from './errors/qianzhi-error.js';
import { ExchangeSchema } from './exchange/exchange.js';
import { StreamSchema } from './exchange/stream.js';
import { ReceiptSchema, SignedReceiptSchema } from './receipt/receipt.js';
import { checkShape } from './shape.js';

const resource = {
  code: 'r',
  name: 'r',
  department: 'd',
  sharing: 'unconditional',
  updateCycle: 'daily',
  items: [{ name: '代码', column: 'code', type: 'C', length: 10, key: true }],
};
const problemOf = (input: unknown, schema: Parameters<typeof checkShape>[0] = CatalogResourceSchema) => {
  try {
    checkShape(schema, input, '目录条目');
  } catch (error) {
    if (isQianzhiError(error, 'QZ_MODEL_SHAPE_WRONG'))
      return `${error.texts.zh.message} ${error.texts.en.message} ${JSON.stringify(error.details)}`;
    throw error;
  }
  return undefined;
};

describe('checkShape', () => {
  it('answers the input itself with defaults filled in', () => {
    const input = structuredClone(resource);
    const checked = checkShape(CatalogResourceSchema, input, 'resource');
    expect(checked).toBe(input);
    expect(checked).toMatchObject({
      schemaVersion: 1,
      subject: 'other',
      attribute: 'department',
      summary: '',
    });
  });

  it('names what, the place and the problem, never the value', () => {
    const secret = '440524188001010014';
    const wrong = [
      { ...resource, code: secret.repeat(9) },
      { ...resource, sharing: secret },
      { ...resource, items: [{ ...resource.items[0], length: secret }] },
      { ...resource, items: [{ ...resource.items[0], column: `${secret}\n` }] },
      { ...resource, schemaVersion: Number(secret) + 0.5, name: '' },
    ];
    for (const input of wrong) expect(problemOf(input)).not.toContain(secret);
    expect(problemOf(wrong[2])).toContain('/items/0/length');
    expect(problemOf(wrong[2])).toContain('目录条目');
  });

  it('names a property that does not belong, and a missing one', () => {
    expect(problemOf({ ...resource, shareing: 1 })).toContain('shareing');
    expect(problemOf({ ...resource, items: undefined })).toContain('items');
  });

  it('never turns text into a number or the other way round', () => {
    expect(problemOf({ ...resource, schemaVersion: '1' })).toContain('/schemaVersion');
    expect(problemOf({ ...resource, name: 1 })).toContain('/name');
  });

  it('checks dates and times', () => {
    const Time = Type.Object({ at: Type.String({ format: 'date-time' }) });
    expect(problemOf({ at: '2026-01-01T08:00:00+08:00' }, Time)).toBeUndefined();
    expect(problemOf({ at: '2026-02-30T08:00:00Z' }, Time)).toContain('/at');
  });

  it('takes schemas that share parts by $id, in any order, again and again', () => {
    const schemas = [
      CatalogResourceSchema,
      CatalogItemSchema,
      Type.Array(CatalogResourceSchema),
      DeliverySchema,
      SignedDeliverySchema,
      SignedManifestSchema,
      BatchManifestSchema,
      StreamSchema,
      ReceiptSchema,
      SignedReceiptSchema,
      GrantSchema,
      LeaseSchema,
      SupplyDutySchema,
      ExchangeSchema,
    ];
    for (const schema of [...schemas, ...schemas.reverse()]) expect(problemOf(null, schema)).toBeDefined();
  });

  it('compiles a schema once: a request costs microseconds', () => {
    checkShape(CatalogResourceSchema, structuredClone(resource), 'resource');
    const started = performance.now();
    for (let i = 0; i < 2000; i++) checkShape(CatalogResourceSchema, resource, 'resource');
    expect((performance.now() - started) / 2000).toBeLessThan(0.5); // ms; compiling takes about 20 times that
  });
});
