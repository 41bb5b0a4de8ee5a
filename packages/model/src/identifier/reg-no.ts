import { modelErrors } from '../errors.js';

/**
 * 工商注册号: 6 digits region, 8 serial, 1 check by ISO 7064 MOD 11,10. Finds every single wrong digit.
 * The region is not looked up: region codes retire, the number stays.
 */
export function isRegNo(text: string): boolean {
  return /^[0-9]{15}$/.test(text) && text[14] === checkDigit(text);
}

/** Completes a region (6 digits) and a serial (0–99,999,999). Throws QZ_MODEL_IDENTIFIER_BODY_WRONG. */
export function regNoFrom(region: string, serial: number): string {
  const body = region + String(serial).padStart(8, '0');
  if (!/^[0-9]{6}$/.test(region) || !/^[0-9]{14}$/.test(body)) {
    throw modelErrors.IDENTIFIER_BODY_WRONG({ scheme: 'regNo', expected: '6 × [0-9], 0–99999999' });
  }
  return body + checkDigit(body);
}

function checkDigit(body: string): string {
  let product = 10;
  for (let i = 0; i < 14; i++) {
    const sum = (product + Number(body[i])) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return String((11 - product) % 10);
}
