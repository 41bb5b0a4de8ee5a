import { currentLanguage } from '@qianzhi/model';
import type { FileFinding, FilePlace } from './read-catalog.js';

/** `✗ 信息资源目录!C5  CELL_WRONG  …`; of YAML `✗ catalog.yaml:12  …`. */
export function findingLine(file: string, { level, code, texts, ...place }: FileFinding): string {
  return `${level === 'error' ? '✗' : '!'} ${placeText(file, place)}  ${code}  ${texts[currentLanguage()]}`;
}

export function placeText(file: string, { sheet, cell, line }: FilePlace): string {
  if (sheet !== undefined) return `${sheet}!${cell}`;
  return line === undefined ? file : `${file}:${line}`;
}
