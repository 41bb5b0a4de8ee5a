import { cliErrors } from '../errors.js';

/** `--basis COLUMN=BASIS`, as often as it was given. Throws QZ_CLI_FLAG_WRONG. */
export function parseBases(flags: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    flags.map((text) => {
      const at = text.indexOf('=');
      if (at < 1)
        throw cliErrors.FLAG_WRONG({
          flag: '--basis',
          value: text,
          shape: { zh: '列=依据', en: 'COLUMN=BASIS' },
        });
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
