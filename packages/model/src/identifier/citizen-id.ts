import { isRealDate } from '../calendar/date.js';
import { modelErrors } from '../errors.js';

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const checkCharacters = '10X98765432';

/**
 * 公民身份号码 (GB 11643): 6 digits region, a birth date that exists, 3 serial (odd: male), check character.
 * Only a capital X is valid; a small one is a finding, never repaired. Finds every single wrong character.
 * The region is not looked up: a region that has retired stays valid in the number.
 */
export function isCitizenId(text: string): boolean {
  return (
    /^[1-9][0-9]{16}[0-9X]$/.test(text) &&
    isRealDate(Number(text.slice(6, 10)), Number(text.slice(10, 12)), Number(text.slice(12, 14))) &&
    text[17] === checkCharacter(text)
  );
}

/**
 * Completes a region (6 digits), a birth date (`1949-12-31`) and a serial (0–999; odd: male).
 * Throws QZ_MODEL_IDENTIFIER_BODY_WRONG.
 */
export function citizenIdFrom(region: string, birthDate: string, serial: number): string {
  const body = region + birthDate.replaceAll('-', '') + String(serial).padStart(3, '0');
  const number = body + checkCharacter(body);
  if (!/^\d{6}$/.test(region) || !/^\d{4}-\d{2}-\d{2}$/.test(birthDate) || !isCitizenId(number)) {
    throw modelErrors.IDENTIFIER_BODY_WRONG({
      scheme: 'citizenId',
      expected: '[1-9] 5 × [0-9], YYYY-MM-DD, 0–999',
    });
  }
  return number;
}

function checkCharacter(body: string): string {
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += Number(body[i]) * weights[i]!;
  return checkCharacters[sum % 11] ?? '';
}
