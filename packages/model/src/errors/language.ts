export type Language = 'zh' | 'en';

/** One text in both languages. */
export type LocalText = Readonly<Record<Language, string>>;

let language: Language = 'zh';

/** Sets the language of messages for this process. Chinese until told otherwise. */
export function useLanguage(next: Language): void {
  language = next;
}

export function currentLanguage(): Language {
  return language;
}

/** `QZ_LANG` decides, then `LANG`; anything that is not clearly English stays Chinese. */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const wanted = env.QZ_LANG || env.LC_ALL || env.LC_MESSAGES || env.LANG || '';
  return /^en/i.test(wanted) ? 'en' : 'zh';
}
