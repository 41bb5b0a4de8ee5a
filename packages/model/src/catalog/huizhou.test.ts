import { readFileSync } from 'node:fs';
import { Type } from '@sinclair/typebox';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkShape } from '../shape.js';
import { checkResource } from './checks.js';
import { CatalogResourceSchema, keyItems, sharingOf } from './resource.js';

const CatalogSchema = Type.Object(
  {
    departments: Type.Array(
      Type.Object(
        { id: Type.String(), name: Type.String(), police: Type.Optional(Type.Boolean()) },
        { additionalProperties: false },
      ),
    ),
    resources: Type.Array(CatalogResourceSchema),
  },
  { additionalProperties: false },
);

const file = new URL('../../../../config/catalogs/huizhou.yaml', import.meta.url);
const { departments, resources } = checkShape(
  CatalogSchema,
  parse(readFileSync(file, 'utf8')),
  'huizhou.yaml',
);
const byCode = new Map(resources.map((resource) => [resource.code, resource]));

const triple = ['name', 'id_type_code', 'id_no'];
/** Articles that name no triple of their own (R048). */
const withTriple = [
  'marriage_adoption',
  'family_planning',
  'social_insurance',
  'minimum_living',
  'education',
  'disability',
  'housing_fund',
  'prof_qualification',
];

describe('the sample catalog config/catalogs/huizhou.yaml', () => {
  it('holds the 21 resources and 234 items of the draft, the added triples and one added key', () => {
    expect(resources).toHaveLength(21);
    expect(byCode.size).toBe(21);
    for (const code of withTriple) {
      expect(
        byCode
          .get(code)
          ?.items.slice(-3)
          .map((item) => item.column),
        code,
      ).toEqual(triple);
    }
    expect(byCode.get('ngo_private')?.items[0]?.column).toBe('uscc');
    const items = resources.reduce((sum, resource) => sum + resource.items.length, 0);
    expect(items - withTriple.length * triple.length - 1).toBe(234);
  });

  it('passes every catalog check', () => {
    const errors = resources.flatMap((resource) => {
      const police = departments.find((department) => department.id === resource.department)?.police === true;
      return checkResource(resource, { police })
        .filter((finding) => finding.level === 'error')
        .map((finding) => `${resource.code}: ${finding.texts.en}`);
    });
    expect(errors).toEqual([]);
  });

  it('names a department and a key for every resource', () => {
    const ids = new Set(departments.map((department) => department.id));
    expect(ids.size).toBe(departments.length);
    for (const resource of resources) {
      expect(ids.has(resource.department), resource.code).toBe(true);
      expect(keyItems(resource).length, resource.code).toBeGreaterThan(0);
    }
  });

  it('shares social_group unconditionally but for the personal items of its representative', () => {
    const group = byCode.get('social_group')!;
    expect(group.sharing).toBe('unconditional');
    const conditional = group.items
      .filter((item) => sharingOf(group, item) === 'conditional')
      .map((item) => item.column);
    expect(conditional.sort()).toEqual(['contact_phone', 'legal_rep_id_no', 'legal_rep_name']);
    const tax = byCode.get('national_tax')!;
    expect(tax.items.every((item) => sharingOf(tax, item) === 'unconditional')).toBe(true);
  });

  it('shares nothing about persons unconditionally', () => {
    for (const resource of resources.filter((r) => r.subject === 'person'))
      expect(resource.sharing, resource.code).toBe('conditional');
  });
});
