import type { Department } from '@qianzhi/model';
import { describe, expect, it } from 'vitest';
import { forwarderOf, jurisdictionOf } from './jurisdiction.js';

const unit = (id: string, region: string | undefined, competent = false): Department => ({
  id,
  name: id,
  police: false,
  competent,
  ...(region !== undefined && { region }),
});
const city = unit('city', '441300', true);
const county = unit('county', '441302', true);
const all = [city, county, unit('plain', undefined, true)];
const overseen = (region: string | undefined) =>
  jurisdictionOf(all, unit('x', region))?.competent.map(({ id }) => id);
const forwards = (applicant: string | undefined, provider: string | undefined) =>
  forwarderOf(all, unit('a', applicant), unit('p', provider))?.competent[0]?.id;

describe('a department is under', () => {
  it('the competent department of its region, else of the next one above', () => {
    expect(overseen('441302')).toEqual(['county']);
    expect(overseen('441300')).toEqual(['city']);
    expect(overseen('441303')).toEqual(['city']);
  });

  it('none where no region says so', () => {
    expect(overseen(undefined)).toBeUndefined();
    expect(overseen('350100')).toBeUndefined();
  });
});

describe('R075 what is applied for is forwarded', () => {
  it('by the competent department over the applicant, where the provider is under another', () => {
    expect(forwards('441302', '441303')).toBe('county');
    expect(forwards('441302', '441300')).toBe('county');
    expect(forwards('441300', '441302')).toBe('city');
  });

  it('by nobody where both are under the same, or one is under none', () => {
    expect(forwards('441302', '441302')).toBeUndefined();
    expect(forwards('441303', '441304')).toBeUndefined();
    expect(forwards('441302', undefined)).toBeUndefined();
    expect(forwards(undefined, '441302')).toBeUndefined();
    expect(forwards('441302', '350100')).toBeUndefined();
  });
});
