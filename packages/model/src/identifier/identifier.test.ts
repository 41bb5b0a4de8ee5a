import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isQianzhiError } from '../errors/qianzhi-error.js';
import { checkIdentifier } from './check-identifier.js';
import { citizenIdFrom, isCitizenId } from './citizen-id.js';
import { isOrgCode, orgCodeFrom } from './org-code.js';
import { isRegNo, regNoFrom } from './reg-no.js';
import { isUscc, usccFrom } from './uscc.js';

const digits = '0123456789';
const usccCharacters = '0123456789ABCDEFGHJKLMNPQRTUWXY';

const text = (alphabet: string, length: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: length, maxLength: length });
const region = fc.integer({ min: 110000, max: 820000 }).map(String);
const birthDate = fc
  .date({ min: new Date('1880-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

const schemes = {
  citizenId: {
    check: isCitizenId,
    valid: ['11010519491231002X', '440524188001010014'],
    alphabet: digits,
    made: fc
      .tuple(region, birthDate, fc.integer({ min: 0, max: 999 }))
      .map((parts) => citizenIdFrom(...parts)),
  },
  uscc: {
    check: isUscc,
    valid: ['91350100M000100Y43', '914403001922038216', '9144030071526726XG'],
    alphabet: usccCharacters,
    made: fc
      .tuple(text(usccCharacters, 2), region, text(usccCharacters, 8))
      .map((parts) => usccFrom(...parts)),
  },
  regNo: {
    check: isRegNo,
    valid: ['110108000000016', '440301103097413'],
    alphabet: digits,
    made: fc.tuple(region, fc.integer({ min: 0, max: 99_999_999 })).map((parts) => regNoFrom(...parts)),
  },
  orgCode: {
    check: isOrgCode,
    valid: ['D2143569X', '71526726X'],
    // GB 11714 guarantees digits against digits only: letters 11 apart have the same remainder.
    alphabet: digits,
    made: text('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', 8).map(orgCodeFrom),
  },
} as const;

describe.each(Object.entries(schemes))('identifier %s', (name, scheme) => {
  const id = name as keyof typeof schemes;

  it('accepts the published examples', () => {
    for (const value of scheme.valid) expect(scheme.check(value), value).toBe(true);
  });

  it('accepts what its generator makes', () => {
    fc.assert(fc.property(scheme.made, (value) => checkIdentifier(id, value)));
  });

  it('finds any one substituted character that the scheme guarantees to find', () => {
    const change = fc.tuple(scheme.made, fc.nat(17), fc.constantFrom(...scheme.alphabet));
    fc.assert(
      fc.property(change, ([value, at, other]) => {
        const place = at % value.length;
        fc.pre(value[place] !== other && (id !== 'orgCode' || /[0-9]/.test(value[place]!)));
        return !scheme.check(value.slice(0, place) + other + value.slice(place + 1));
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses a value with blanks, a missing or an extra character', () => {
    fc.assert(
      fc.property(scheme.made, (value) =>
        [` ${value}`, `${value} `, `${value}\n`, value.slice(1), `${value}0`, ''].every(
          (wrong) => !scheme.check(wrong),
        ),
      ),
    );
  });

  it('answers for arbitrary text and never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40 }),
        (value) => typeof checkIdentifier(id, value) === 'boolean',
      ),
    );
    fc.assert(
      fc.property(
        fc.string({ maxLength: 18, minLength: 18 }),
        (value) => typeof checkIdentifier(id, value) === 'boolean',
      ),
    );
  });
});

describe('公民身份号码 (GB 11643)', () => {
  it('needs a birth date that exists, leap years counted', () => {
    expect(isCitizenId(citizenIdFrom('441300', '2000-02-29', 1))).toBe(true);
    for (const day of ['1900-02-29', '2001-02-29', '1990-13-01', '1990-00-10', '1990-04-31', '0000-01-01']) {
      expect(() => citizenIdFrom('441300', day, 1), day).toThrow();
    }
  });

  it('takes a small x for wrong, never repairs it', () => {
    expect(isCitizenId('11010519491231002x')).toBe(false);
  });
});

describe('统一社会信用代码 (GB 32100)', () => {
  it('has a valid 组织机构代码 in characters 9–17', () => {
    fc.assert(fc.property(schemes.uscc.made, (value) => isOrgCode(value.slice(8, 17))));
  });

  it('is wrong where that 组织机构代码 is wrong though the last check character fits', () => {
    // 715267261 is no valid 组织机构代码 (71526726X is); the last character is computed for the wrong body.
    const wrong = [...usccCharacters].map((check) => `91440300715267261${check}`);
    expect(wrong.filter(isUscc)).toEqual([]);
  });

  it('never holds I, O, S, V or Z', () => {
    for (const letter of 'IOSVZ') expect(isUscc(`9144030071526726X${letter}`)).toBe(false);
  });
});

it('组织机构代码 (GB 11714) is written without the hyphen', () => {
  expect(isOrgCode('D2143569-X')).toBe(false);
});

it('a generator refuses parts that cannot make a valid number, naming scheme and form', () => {
  const attempts = [
    () => citizenIdFrom('44130', '1990-01-01', 1),
    () => citizenIdFrom('441300', '1990-01-01', 1000),
    () => usccFrom('9I', '441300', '71526726'),
    () => usccFrom('91', '4413', '7152672600'),
    () => regNoFrom('441300', 100_000_000),
    () => regNoFrom('441300', -1),
    () => orgCodeFrom('abc'),
  ];
  for (const attempt of attempts) {
    expect(attempt).toThrow(expect.objectContaining({ code: 'QZ_MODEL_IDENTIFIER_BODY_WRONG' }));
  }
  try {
    orgCodeFrom('abc');
  } catch (error) {
    expect(isQianzhiError(error) && error.texts.en.hint).toContain('8 × [0-9A-Z]');
  }
});
