import { type Quota, QuotaSchema } from '@qianzhi/model';
import { cliErrors } from './errors.js';

const bounds = Object.keys(QuotaSchema.properties);

/** `rowsPerDay=100000` of `--quota`. Throws QZ_CLI_FLAG_WRONG. */
export function parseQuota(texts: readonly string[]): Quota {
  return Object.fromEntries(
    texts.map((text) => {
      const [bound = '', value = ''] = text.split('=');
      if (bounds.includes(bound) && /^[1-9][0-9]{0,14}$/.test(value)) return [bound, Number(value)];
      throw cliErrors.FLAG_WRONG({ flag: '--quota', value: text, shape: `${bounds.join('|')}=1000` });
    }),
  );
}

export function quotaText(quota: Quota | null): string {
  const set = Object.entries(quota ?? {});
  return set.length > 0 ? set.map(([bound, value]) => `${bound}=${value}`).join(' ') : '—';
}
