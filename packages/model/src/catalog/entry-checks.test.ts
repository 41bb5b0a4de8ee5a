import { describe, expect, it } from 'vitest';
import { checkShape } from '../shape.js';
import { type CheckOptions, checkResource } from './checks.js';
import type { LegalBasis } from './entry.js';
import type { CatalogItem } from './item.js';
import { asExchanged, type CatalogResource, CatalogResourceSchema } from './resource.js';

const code: CatalogItem = { name: '代码', column: 'code', type: 'C', length: 20, key: true };
const base: CatalogResource = {
  code: 'sample',
  name: '样例信息',
  summary: '样例',
  department: 'mz',
  attribute: 'department',
  subject: 'other',
  sharing: 'unconditional',
  openness: 'closed',
  updateCycle: 'daily',
  schemaVersion: 1,
  items: [code],
};
const law: LegalBasis = { kind: 'law', title: '某法', article: '第一条' };
const internal: LegalBasis = { kind: 'internal-rule', title: '本局内部规定' };
const conditional = { ...base, sharing: 'conditional', sharingCondition: '办理业务' } as const;
const full: CatalogResource = {
  ...base,
  classification: '306003',
  nationalCode: '306003/000012',
  providerUnit: '登记科',
  providerCode: '91350100M000100Y43',
  format: { class: 'database', type: 'Oracle' },
  dataRange: '全市',
  system: '登记系统',
  sharingModes: [{ by: 'platform', as: 'database' }],
  sharingPeriod: '长期',
  useRequirements: '仅用于申请的事项',
};
const withItem = (item: Partial<CatalogItem>, change: Partial<CatalogResource> = {}): CatalogResource => ({
  ...base,
  ...change,
  items: [code, { name: '值', column: 'value', type: 'C', length: 20, ...item }],
});
const found = (resource: CatalogResource, options: Partial<CheckOptions> = {}) =>
  checkResource(resource, { police: false, ...options }).map(
    ({ level, code, item }) => `${level} ${code}${item ? ` ${item}` : ''}`,
  );

type Case = readonly [
  title: string,
  kept: CatalogResource,
  broken: CatalogResource,
  finding: string,
  options?: Partial<CheckOptions>,
];
const asked: Partial<CheckOptions> = { legalBasisRequiredFor: ['conditional', 'none'] };
const byLaw: Partial<CheckOptions> = {
  statutory: [{ name: '登记信息', resource: 'sample', items: ['值'], basis: '某法第一条' }],
};
const complete: Partial<CheckOptions> = { complete: true };
const rules: readonly Case[] = [
  [
    'R002: a classification has its digits',
    full,
    { ...full, classification: '306', nationalCode: '306/1' },
    'error CODE_SHORT',
  ],
  [
    'R002: the code is of the classification',
    full,
    { ...full, nationalCode: '306004/000012' },
    'error CODE_INCONSISTENT',
  ],
  [
    'R002: the code has a serial number',
    { ...full, classification: undefined as never, nationalCode: '306003/1' },
    { ...full, nationalCode: '306003' },
    'error CODE_INCONSISTENT',
  ],
  [
    'R002: the type is of its format class',
    { ...base, format: { class: 'spreadsheet', type: '自有格式' } },
    { ...base, format: { class: 'spreadsheet', type: 'SQL Server' } },
    'error FORMAT_MISFIT',
  ],
  [
    'R046: the provider is named by a valid 统一社会信用代码',
    full,
    { ...full, providerCode: '91350100M000100Y44' },
    'error PROVIDER_CODE_INVALID',
  ],
  [
    'R002: an entry to be registered is complete',
    full,
    { ...full, useRequirements: undefined as never },
    'error ENTRY_INCOMPLETE',
    complete,
  ],
  [
    'R003 R004: what some jurisdictions ask is told of',
    full,
    { ...full, system: undefined as never, dataRange: undefined as never },
    'warning ENTRY_LOCAL_MISSING',
    complete,
  ],
  [
    'R010: a basic resource has a lead department',
    { ...full, attribute: 'basic', lead: 'ga' },
    { ...full, attribute: 'basic' },
    'error LEAD_MISSING',
    complete,
  ],
  [
    'R011: so has a theme resource',
    { ...full, attribute: 'theme', lead: 'mz', contributors: ['ga', 'sw'] },
    { ...full, attribute: 'theme', contributors: ['ga', 'sw'] },
    'error LEAD_MISSING',
    complete,
  ],
  [
    'R012: a baseline catalog names who is responsible for each item',
    { ...base, kind: 'baseline', items: [{ ...code, responsible: 'mz' }] },
    { ...base, kind: 'baseline' },
    'error RESPONSIBLE_MISSING code',
  ],
  [
    'R014: a project catalog names project and stage',
    { ...base, kind: 'project', project: { name: '一期', stage: 'pre-compiled' } },
    { ...base, kind: 'project' },
    'error PROJECT_MISSING',
  ],
  [
    'R001: what is restricted says why, where the profile asks',
    base,
    { ...base, sharing: 'none' },
    'error LEGAL_BASIS_MISSING',
    asked,
  ],
  [
    'R015: each level keeps the catalog of its own region',
    { ...base, region: '441302' },
    { ...base, region: '440100' },
    'error REGION_OUTSIDE',
    { region: '441300' },
  ],
  [
    'R016: the cycle that is marked can be kept',
    { ...base, updateCycle: 'realtime', sharingModes: [{ by: 'platform' }, { by: 'mail' }] },
    { ...base, updateCycle: 'realtime', sharingModes: [{ by: 'mail' }] },
    'warning CYCLE_MISFIT',
  ],
  [
    'R017: what a law requires to be shared is in the entry',
    withItem({}),
    base,
    'error STATUTORY_ITEM_MISSING',
    byLaw,
  ],
  [
    'R017: and is shared',
    withItem({}),
    withItem({ sharing: 'none', sharingCondition: '不便' }),
    'error STATUTORY_ITEM_WITHHELD value',
    byLaw,
  ],
  [
    'R021 R022: the profile asks a basis of what is not shared',
    { ...base, sharing: 'none', legalBasis: [law] },
    { ...base, sharing: 'none' },
    'error LEGAL_BASIS_MISSING',
    asked,
  ],
  [
    'R023 R024: the profile asks a basis of what is conditional',
    { ...conditional, legalBasis: [law] },
    conditional,
    'error CONDITIONAL_BASIS_MISSING',
    asked,
  ],
  [
    'R024 R029: of a conditional item, too',
    withItem({ sharing: 'conditional', sharingCondition: '核验', legalBasis: [law] }),
    withItem({ sharing: 'conditional', sharingCondition: '核验' }),
    'error CONDITIONAL_BASIS_MISSING value',
    asked,
  ],
  [
    'R025: what is conditional states scope and use',
    {
      ...full,
      sharing: 'conditional',
      sharingCondition: '核验',
      sharingScope: '各部门',
      sharingUse: ['data-check'],
    },
    { ...full, sharing: 'conditional', sharingCondition: '核验', sharingScope: '各部门' },
    'error SCOPE_OR_USE_MISSING',
    complete,
  ],
  [
    'R027: what is tied to a licence is unconditional',
    withItem(
      { sharing: 'conditional', sensitivity: 'personal', sharingCondition: '核验' },
      { licensing: true },
    ),
    { ...conditional, licensing: true },
    'error LICENSING_NOT_UNCONDITIONAL',
  ],
  [
    'R028: an internal rule is no ground',
    { ...conditional, legalBasis: [internal, law] },
    { ...conditional, legalBasis: [internal] },
    'error INTERNAL_RULE_ONLY',
  ],
  [
    'R030: a sensitive item is conditional',
    withItem({ sensitivity: 'sensitive', sharing: 'conditional', sharingCondition: '核验' }),
    withItem({ sensitivity: 'sensitive' }),
    'warning SENSITIVE_UNCONDITIONAL value',
  ],
  [
    'R031: privacy is not open to the public',
    withItem({ sensitivity: 'personal', openness: 'closed' }, { openness: 'open' }),
    withItem({ sensitivity: 'personal' }, { openness: 'conditional' }),
    'error PRIVATE_OPEN value',
  ],
  [
    'R031: nor is it by the item alone',
    withItem({ openness: 'open' }),
    withItem({ sensitivity: 'personal', openness: 'open' }),
    'error PRIVATE_OPEN value',
  ],
  [
    'R031: what is not shared is not open either',
    { ...base, sharing: 'none', legalBasis: [law] },
    { ...base, sharing: 'none', legalBasis: [law], openness: 'open' },
    'error NOT_SHARED_OPEN',
  ],
  [
    'R032: data obtained by sharing is in no open list of one’s own',
    { ...base, obtainedBySharing: true },
    { ...base, obtainedBySharing: true, openness: 'open' },
    'error OBTAINED_OPEN',
  ],
];

describe('the catalog entry', () => {
  for (const [title, kept, broken, finding, options] of rules) {
    it(title, () => {
      expect(found(kept, options)).toEqual([]);
      expect(found(broken, options)).toEqual([finding]);
    });
  }

  it('says everything in both languages without an unfilled place', () => {
    for (const [, , broken, , options] of rules) {
      for (const { texts } of checkResource(broken, { police: false, ...options })) {
        expect(texts.zh).toMatch(/\p{Script=Han}/u);
        for (const text of [texts.zh, texts.en]) expect(text).not.toMatch(/[{}\n]/);
      }
    }
  });

  it('R021: a profile that asks for no basis is content without, and so is a catalog of yesterday', () => {
    expect(found(conditional)).toEqual([]);
    expect(found({ ...base, sharing: 'none', sharingCondition: '某法第1条' }, asked)).toEqual([]);
  });

  const written = (change: object) =>
    checkShape(CatalogResourceSchema, JSON.parse(JSON.stringify({ ...full, ...change })), 'entry');

  it('R001 R020: is shared unconditionally unless it says otherwise, in one of three ways', () => {
    expect(written({ sharing: undefined }).sharing).toBe('unconditional');
    expect(
      ['unconditional', 'conditional', 'none'].map((sharing) => written({ sharing }).sharing),
    ).toHaveLength(3);
    expect(() => written({ sharing: 'on-request' })).toThrow(/sharing/);
  });

  it('R016: marks how often it is updated, in words of the guideline', () => {
    expect(written({ updateCycle: 'monthly' }).updateCycle).toBe('monthly');
    expect(() => written({ updateCycle: undefined })).toThrow(/updateCycle/);
    expect(() => written({ updateCycle: 'now and then' })).toThrow(/updateCycle/);
  });

  it('R013: knows the supplementary catalog, and refuses a kind that is none', () => {
    expect(written({ kind: 'supplementary' }).kind).toBe('supplementary');
    expect(() => written({ kind: 'other' })).toThrow(/kind/);
  });

  it('is told to agents without what only the catalog needs', () => {
    const entry = withItem({ legalBasis: [law], sharing: 'conditional', openness: 'closed' }, full);
    const plain = withItem({ sharing: 'conditional' }, { summary: full.summary });
    expect(asExchanged(entry)).toEqual(plain);
  });
});
