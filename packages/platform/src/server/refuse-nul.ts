import { modelErrors } from '@qianzhi/model';

const problem = {
  zh: '含有空字符 U+0000',
  en: 'contains the character U+0000',
};

/**
 * Refuses U+0000 anywhere in a request's text (QZ_MODEL_SHAPE_WRONG names the place): PostgreSQL keeps no such text, and
 * what one of the two databases cannot keep neither takes. Its shape is not known yet: it may be nested as deep as it is long.
 */
export function refuseNul(input: unknown, what: string): void {
  const left: { readonly value: unknown; readonly where: string }[] = [{ value: input, where: '' }];
  const refuse = (text: string, where: string) => {
    if (text.includes('\0')) throw modelErrors.SHAPE_WRONG({ what, where: where || '/', problem });
  };
  for (let next = left.pop(); next; next = left.pop()) {
    const { value, where } = next;
    if (typeof value === 'string') refuse(value, where);
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) continue;
    for (const [name, inner] of Object.entries(value)) {
      refuse(name, where);
      if (typeof inner === 'string') refuse(inner, `${where}/${name}`);
      else if (typeof inner === 'object') left.push({ value: inner, where: `${where}/${name}` });
    }
  }
}
