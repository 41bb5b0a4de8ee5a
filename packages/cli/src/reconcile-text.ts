import type { ReconcileResult } from '@qianzhi/agent/control';
import { currentLanguage, type DifferenceCounts, holdsEqual, openDifferences } from '@qianzhi/model';
import { counted } from './counted.js';
import { timeText } from './words.js';

const zh = () => currentLanguage() === 'zh';

const kinds: Readonly<Record<keyof DifferenceCounts, string>> = {
  missing: '缺少',
  extra: '多出',
  changed: '不同',
  stale: '待修正(源行被拒)',
  unsettled: '仍在变化',
};

const steps: Readonly<Record<string, string>> = {
  greeting: '等待对方',
  'catching-up': '追平数据流',
  counting: '逐行摘要',
  locating: '定位差异',
  checking: '复核差异',
  repairing: '修复',
};

export const kindText = (kind: keyof DifferenceCounts): string => (zh() ? kinds[kind] : kind);
export const stepText = (step: string): string => (zh() ? (steps[step] ?? step) : step);

/** Nothing is open: equal as far as rows are valid. */
export function isEqual({ report }: ReconcileResult): boolean {
  return report !== undefined && holdsEqual(report);
}

/** `✓ area  agr-1  2026-…  mz-1 1000 · sw-1 1000  一致`, and what differs in lines of their own. */
export function resultLines(result: ReconcileResult): string[] {
  const { report, resource, agreement, at, problem } = result;
  const head = `${isEqual(result) ? '✓' : '✗'} ${resource}  ${agreement}  ${timeText(at)}`;
  if (!report) {
    return [head, ...(problem ? [`  ${problem.code}  ${problem.texts[currentLanguage()].message}`] : [])];
  }
  const { rows, provider, consumer, found, remaining, repaired, excluded, complete } = report;
  const sides = `${provider} ${rows.provider} · ${consumer} ${rows.consumer}`;
  const open = openDifferences(remaining);
  // rows are counted once, and looked at again until both sides stand still
  const moved = rows.provider !== rows.consumer && countDifferences(found) === 0;
  const verdict = isEqual(result)
    ? zh()
      ? `一致${moved ? '(计数时有变化在途,已复核)' : ''}`
      : `equal${moved ? ' (changes were on their way while rows were counted, and were looked at again)' : ''}`
    : zh()
      ? `${open} 个主键不一致`
      : counted(open, 'key differs', 'keys differ');
  return [
    `${head}  ${sides}  ${verdict}`,
    ...countLine(zh() ? '发现' : 'found', found),
    ...(repaired.sent + repaired.deleted > 0
      ? [
          zh()
            ? `  已修复:重发 ${repaired.sent} 行,删除 ${repaired.deleted} 个主键`
            : `  repaired: ${counted(repaired.sent, 'row')} sent again, ${counted(repaired.deleted, 'key')} deleted`,
          ...countLine(zh() ? '仍有' : 'left', remaining),
        ]
      : []),
    ...(excluded.length > 0
      ? [`  ${zh() ? '未比对(假名)' : 'not compared (pseudonyms)'}: ${excluded.join(', ')}`]
      : []),
    ...(complete
      ? []
      : [
          zh()
            ? `  差异过多,只列出一部分;重新全量:qianzhi stream resnapshot ${resource}`
            : `  there are more than were looked at; send it whole: qianzhi stream resnapshot ${resource}`,
        ]),
  ];
}

function countDifferences(counts: DifferenceCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function countLine(word: string, counts: DifferenceCounts): string[] {
  const parts = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${kindText(kind as keyof DifferenceCounts)} ${count}`);
  return parts.length === 0 ? [] : [`  ${word}: ${parts.join(' · ')}`];
}
