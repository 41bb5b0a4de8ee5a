import { modelErrors } from '../errors.js';
import { isOrgCode, orgCodeFrom } from './org-code.js';

/** Values 0–30; I, O, S, V and Z are left out because they look like digits or other letters. */
const characters = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const weights = Array.from({ length: 17 }, (_, i) => 3 ** i % 31);

/**
 * 统一社会信用代码 (GB 32100): registering department, kind of organisation, 6 digits region, a 组织机构代码 of
 * 9 characters that must be valid itself, check character. Finds every single wrong character.
 */
export function isUscc(text: string): boolean {
  return (
    /^[0-9A-HJ-NP-RTUW-Y]{2}[0-9]{6}[0-9A-HJ-NP-RTUW-Y]{10}$/.test(text) &&
    text[17] === checkCharacter(text) &&
    isOrgCode(text.slice(8, 17))
  );
}

/**
 * Completes registrar and kind (2 characters, `91` for an enterprise), region (6 digits) and the 8 characters of a
 * 组织机构代码 body with both check characters. Throws QZ_MODEL_IDENTIFIER_BODY_WRONG.
 */
export function usccFrom(registrar: string, region: string, orgCodeBody: string): string {
  const body = registrar + region + orgCodeFrom(orgCodeBody);
  const code = body + checkCharacter(body);
  if (registrar.length !== 2 || region.length !== 6 || !isUscc(code)) {
    throw modelErrors.IDENTIFIER_BODY_WRONG({
      scheme: 'uscc',
      expected: `2 × [${characters}], 6 × [0-9], 8 × [${characters}]`,
    });
  }
  return code;
}

function checkCharacter(body: string): string {
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += characters.indexOf(body[i]!) * weights[i]!;
  return characters[(31 - (sum % 31)) % 31] ?? '';
}
