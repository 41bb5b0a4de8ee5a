import type { Language } from '@qianzhi/model';
import { Document, isMap, isSeq, type YAMLMap } from 'yaml';
import type { ResourceDraft } from './draft-resource.js';

/** A draft as a file for `catalog publish`: an item a line, behind it what was guessed and why. */
export function draftYaml({ resource, items, notes, findings }: ResourceDraft, language: Language): string {
  const { schemaVersion: _, summary, ...shown } = resource;
  const document = new Document({ ...shown, ...(summary !== '' && { summary }) });
  document.commentBefore = headOf({ notes, findings }, language);
  const list = document.get('items');
  if (isSeq(list)) {
    for (const [index, node] of list.items.entries()) {
      (node as YAMLMap).flow = true;
      const remarks = items[index]?.notes.map((note) => oneLine(note[language])) ?? [];
      if (remarks.length > 0) (node as YAMLMap).comment = ` ${remarks.join(language === 'zh' ? ';' : '; ')}`;
    }
  }
  const tables = document.get('codeTables');
  if (isMap(tables)) for (const { value } of tables.items) (value as YAMLMap).flow = true;
  return document.toString({ lineWidth: 0 });
}

function headOf({ notes, findings }: Pick<ResourceDraft, 'notes' | 'findings'>, language: Language): string {
  const [title, fill, errors, warnings] =
    language === 'zh'
      ? ['由表结构起草的目录条目,发布前由人核对。', '待填写或核对:', '发布前必须改正:', '建议:']
      : [
          'A catalog entry drafted from a table; a person checks it before it is published.',
          'To fill in or check:',
          'To be corrected before it can be published:',
          'Worth a look:',
        ];
  const told = (level: string) =>
    findings.filter((finding) => finding.level === level).map(({ texts }) => texts[language]);
  return [
    title,
    ...listed(
      fill!,
      notes.map((note) => note[language]),
    ),
    ...listed(errors!, told('error')),
    ...listed(warnings!, told('warning')),
  ]
    .map((line) => ` ${oneLine(line)}`)
    .join('\n');
}

function listed(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `- ${line}`)];
}

/** Names of tables and columns may hold line ends; a comment must not. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
