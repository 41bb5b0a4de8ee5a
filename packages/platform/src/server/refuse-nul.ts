import { modelErrors } from '@qianzhi/model';

const problem = {
  zh: '含有空字符 U+0000',
  en: 'contains the character U+0000',
};

/**
 * Refuses U+0000 anywhere in a request's text (QZ_MODEL_SHAPE_WRONG names the place): PostgreSQL keeps no such text, and
 * what one of the two databases cannot keep neither takes.
 */
export function refuseNul(input: unknown, what: string, where = ''): void {
  if (typeof input === 'string') {
    if (input.includes('\0')) throw modelErrors.SHAPE_WRONG({ what, where: where || '/', problem });
    return;
  }
  if (typeof input !== 'object' || input === null || input instanceof Uint8Array) return;
  for (const [name, value] of Object.entries(input)) {
    if (name.includes('\0')) throw modelErrors.SHAPE_WRONG({ what, where: where || '/', problem });
    refuseNul(value, what, `${where}/${name}`);
  }
}
