import { modelErrors } from '../errors.js';

const weights = [3, 7, 9, 10, 5, 8, 4, 2];

/**
 * 组织机构代码 (GB 11714): 8 of `0-9A-Z` and a check character, as one text without the hyphen before the check
 * character: the standard's printed form has it, catalog values (and 统一社会信用代码, which contain the code) do not.
 * Finds every digit changed into another digit; two letters whose values differ by 11 or 22 look alike to it.
 */
export function isOrgCode(text: string): boolean {
  return /^[0-9A-Z]{8}[0-9X]$/.test(text) && text[8] === checkCharacter(text);
}

/** Completes 8 characters `0-9A-Z` with the check character. Throws QZ_MODEL_IDENTIFIER_BODY_WRONG. */
export function orgCodeFrom(body: string): string {
  if (!/^[0-9A-Z]{8}$/.test(body)) {
    throw modelErrors.IDENTIFIER_BODY_WRONG({ scheme: 'orgCode', expected: '8 × [0-9A-Z]' });
  }
  return body + checkCharacter(body);
}

function checkCharacter(body: string): string {
  let sum = 0;
  for (let i = 0; i < 8; i++) sum += Number.parseInt(body[i]!, 36) * weights[i]!;
  const check = 11 - (sum % 11);
  return check === 10 ? 'X' : check === 11 ? '0' : String(check);
}
