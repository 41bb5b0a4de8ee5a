import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkShape } from '../shape.js';
import { checkPolicyProfile } from './checks.js';
import { type PolicyProfile, PolicyProfileSchema } from './profile.js';
import { policyDifferences, policyRules } from './rules.js';

const folder = new URL('../../../../config/policy/', import.meta.url);
const profiles = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => {
      const value = parse(readFileSync(new URL(name, folder), 'utf8'));
      return [name.replace('.yaml', ''), checkShape(PolicyProfileSchema, value, name)] as const;
    }),
);
const profile = (id: string): PolicyProfile => structuredClone(profiles.get(id)!);
const days = (n: number) => ({ n, unit: 'workingDay', excludeStartDay: true });

describe('the profiles of config/policy', () => {
  it('are the six, without contradictions', () => {
    expect([...profiles.keys()].sort()).toEqual([
      'guangdong-2008',
      'guangdong-2018',
      'huizhou-draft-2016',
      'jiangsu-2017',
      'national-2025',
      'shuangliao-2019',
    ]);
    for (const [id, one] of profiles) {
      expect(one.id).toBe(id);
      expect(checkPolicyProfile(one)).toEqual([]);
    }
  });

  it.each([
    ['R058', 'jiangsu-2017', { replyDays: { conditional: days(10), unconditional: null } }],
    ['R059', 'guangdong-2018', { replyDays: { conditional: days(10) }, approver: 'competent-with-provider' }],
    [
      'R060 R061 R063',
      'huizhou-draft-2016',
      {
        replyDays: { firstCatalog: days(10), conditional: days(5), offCatalog: days(5) },
        supplyDays: days(5),
      },
    ],
    ['R062', 'guangdong-2008', { replyDays: { conditional: days(15) } }],
    ['R006', 'jiangsu-2017', { catalogUpdateDays: days(15) }],
    ['R006', 'guangdong-2018', { catalogUpdateDays: days(15) }],
    ['R007', 'huizhou-draft-2016', { catalogUpdateDays: null }],
    ['R021', 'jiangsu-2017', { legalBasisRequiredFor: ['none'] }],
    ['R022', 'huizhou-draft-2016', { legalBasisRequiredFor: ['none'] }],
    ['R023', 'shuangliao-2019', { legalBasisRequiredFor: ['conditional', 'none'] }],
    ['R024', 'guangdong-2018', { legalBasisRequiredFor: ['conditional', 'none'] }],
    [
      'R035',
      'shuangliao-2019',
      { modes: { default: 'online-query', consentNeeded: ['docking', 'sftp', 'batch-download'] } },
    ],
    ['R037 R051', 'huizhou-draft-2016', { forceMajeureDays: days(3) }],
    [
      'R070 R075 R082',
      'huizhou-draft-2016',
      { rulingSupplyDays: days(5), forwardDays: days(5), contactChangeDays: days(5) },
    ],
    [
      'R092 R093 R094',
      'huizhou-draft-2016',
      { objection: { check: days(3), technicalFix: days(3), sourceFix: days(3) } },
    ],
    [
      'R097 R098 R099 R100',
      'shuangliao-2019',
      { subjectObjection: { mark: days(1), decide: days(2), transfer: days(2), verify: days(5) } },
    ],
    ['R125', 'jiangsu-2017', { annualReport: { month: 1, day: 31, coversYear: 'previous' } }],
    ['R126', 'huizhou-draft-2016', { annualReport: { month: 11, day: 30, coversYear: 'current' } }],
    [
      'what is not verified',
      'national-2025',
      { status: 'unverified', replyDays: { conditional: days(10) }, supplyDays: days(20) },
    ],
  ])('%s: %s says so', (_, id, rules) => {
    expect(profiles.get(id)).toMatchObject(rules);
  });

  it('R058 where a regulation has no reply deadline every one of them is null', () => {
    expect(Object.values(profile('shuangliao-2019').replyDays)).toEqual([null, null, null, null]);
  });
});

describe('a profile is refused', () => {
  const refused = (change: (draft: Record<string, unknown>) => void) => {
    const draft = profile('jiangsu-2017') as Record<string, unknown>;
    change(draft);
    return () => checkShape(PolicyProfileSchema, draft, 'PolicyProfile');
  };

  it.each<[string, string, (draft: Record<string, unknown>) => void]>([
    ['a deadline of 0 days', '/supplyDays/n', (draft) => (draft.supplyDays = days(0))],
    ['a bare number', '/supplyDays', (draft) => (draft.supplyDays = 5)],
    ['a field left out', '/', (draft) => delete draft.forwardDays],
    ['a field it does not know', '/', (draft) => (draft.replydays = null)],
    ['a date that does not exist', '/effectiveFrom', (draft) => (draft.effectiveFrom = '2025-02-30')],
    [
      'a start day that counts',
      '/supplyDays/excludeStartDay',
      (draft) => {
        draft.supplyDays = { ...days(5), excludeStartDay: false };
      },
    ],
  ])('for %s', (_, where, change) => {
    expect(refused(change)).toThrow(
      expect.objectContaining({ code: 'QZ_MODEL_SHAPE_WRONG', details: expect.objectContaining({ where }) }),
    );
  });

  it('for modes that are not allowed and a report on a day that not every year has', () => {
    const draft = profile('shuangliao-2019');
    draft.modes.allowed = ['docking'];
    draft.annualReport = { month: 2, day: 29, coversYear: 'previous' };
    expect(checkPolicyProfile(draft).map(({ where }) => where)).toEqual([
      '/modes/default',
      '/modes/consentNeeded/1',
      '/modes/consentNeeded/2',
      '/annualReport/day',
    ]);
  });
});

describe('differences', () => {
  it('are the rules that differ, by path', () => {
    const left = profile('jiangsu-2017');
    const right = { ...profile('jiangsu-2017'), id: 'copy', name: 'x', supplyDays: days(5) } as PolicyProfile;
    right.modes.allowed.reverse();
    expect(policyDifferences(left, right)).toEqual([{ path: 'supplyDays', left: null, right: days(5) }]);
    expect(policyDifferences(left, profile('jiangsu-2017'))).toEqual([]);
  });

  it('see every rule of the schema', () => {
    const paths = policyRules(profile('jiangsu-2017')).map(({ path }) => path.split('.')[0]);
    const fields = Object.keys(PolicyProfileSchema.properties);
    expect([...new Set(paths)].sort()).toEqual(
      fields.filter((name) => !['id', 'name', 'source'].includes(name)).sort(),
    );
  });
});
