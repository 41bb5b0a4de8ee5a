import type { CheckNote, CheckReport } from '@qianzhi/agent';
import { currentLanguage } from '@qianzhi/model';

/** What a check of a connector proved, line by line for a person. `notes` are those that matter here. */
export function reportLines(name: string, report: CheckReport, notes: readonly CheckNote[]): string[] {
  const about = [report.server, report.version].filter(Boolean).join(' ');
  return [`✓ ${name}  ${about}`, ...noteLines(notes)];
}

export function noteLines(notes: readonly CheckNote[]): string[] {
  return notes.flatMap(({ level, error, ...texts }) => [
    `${level === 'ok' ? '✓' : '!'} ${texts[currentLanguage()]}`,
    ...(error ? [`  → ${error.hint}  (${error.code})`] : []),
  ]);
}

/** The same for `--json`. */
export function reportJson(report: CheckReport, found: readonly CheckNote[]) {
  const notes = found.map(({ error, ...note }) => ({
    ...note,
    ...(error && { code: error.code, hint: error.hint }),
  }));
  return { ...report, notes };
}
