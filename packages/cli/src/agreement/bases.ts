import type { LocalText, WantedItem } from '@qianzhi/model';
import { cliErrors } from '../errors.js';

/** `--basis COLUMN=BASIS`, as often as it was given. Throws QZ_CLI_FLAG_WRONG. */
export function parseBases(flags: readonly string[]): Record<string, string> {
  return pairs('--basis', flags, { zh: '列=依据', en: 'COLUMN=BASIS' });
}

/** `--item NAME=COLUMN`, as often as it was given. Throws QZ_CLI_FLAG_WRONG. */
export function parseColumns(flags: readonly string[]): Record<string, string> {
  return pairs('--item', flags, { zh: '名称=列', en: 'NAME=COLUMN' });
}

function pairs(flag: string, texts: readonly string[], shape: LocalText): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw cliErrors.FLAG_WRONG({ flag, value: text, shape });
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** `--item NAME=BASIS` of an off-catalog request; the basis may be left out where one holds for all. */
export function parseWanted(flags: readonly string[]): WantedItem[] {
  return flags.map((text) => {
    const at = text.indexOf('=');
    const name = (at < 0 ? text : text.slice(0, at)).trim();
    const legalBasis = at < 0 ? '' : text.slice(at + 1).trim();
    if (name === '')
      throw cliErrors.FLAG_WRONG({
        flag: '--item',
        value: text,
        shape: { zh: '名称=依据', en: 'NAME=BASIS' },
      });
    return { name, ...(legalBasis !== '' && { legalBasis }) };
  });
}
