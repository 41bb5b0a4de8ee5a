import type { CatalogResource } from '@qianzhi/model';

/** What a resource is found by: code, name, summary and its items' names and columns, a line each. */
export function searchText({ code, name, summary, items }: CatalogResource): string {
  const lines = [code, name, summary, ...items.flatMap((item) => [item.name, item.column])];
  return [...new Set(lines.map(folded))].join('\n');
}

/** Full and half width, upper and lower case are the same to who searches. */
export function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
}

/** What is asked for: each of these must be found somewhere. */
export function termsOf(text: string): readonly string[] {
  return [...new Set(folded(text).split(' '))].filter((term) => term !== '');
}

/**
 * Every two neighbouring characters, white space apart: Chinese is written without blanks between words, so that no index of words finds
 * 团体 in 社会团体登记信息, and what a word is differs between SQLite and PostgreSQL. Each once.
 */
export function gramsOf(text: string): ReadonlySet<string> {
  const grams = new Set<string>();
  for (const run of text.split(/\s+/u)) {
    let before: string | undefined;
    for (const character of run) {
      if (before !== undefined) grams.add(before + character);
      before = character;
    }
  }
  return grams;
}
