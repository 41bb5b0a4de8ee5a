import { currentLanguage } from '@qianzhi/model';
import { timeText } from './words.js';

/** When an update is due, as listings of agent and platform know it. */
export interface Due {
  readonly dueAt: string | undefined;
  /** 0 before it. */
  readonly overdueSeconds: number;
}

/** When it is due, or by how much it is overdue; undefined where nothing is promised. */
export function dueText({ dueAt, overdueSeconds }: Due): string | undefined {
  return overdueSeconds > 0 ? overdueText(overdueSeconds) : timeText(dueAt);
}

/** `! overdue by 3 d 4 h`; undefined where it is not. */
export function overdueText(seconds: number): string | undefined {
  if (seconds <= 0) return undefined;
  const zh = currentLanguage() === 'zh';
  const minutes = Math.floor(seconds / 60);
  const units = [
    [Math.floor(minutes / 1440), zh ? '天' : 'd'],
    [Math.floor(minutes / 60) % 24, zh ? '小时' : 'h'],
    [minutes % 60, zh ? '分' : 'min'],
  ] as const;
  const first = units.findIndex(([count]) => count > 0);
  const shown = first < 0 ? units.slice(2) : units.slice(first, first + 2);
  const lasting = shown.map(([count, unit]) => `${count} ${unit}`).join(' ');
  return zh ? `! 逾期 ${lasting}` : `! overdue by ${lasting}`;
}

/** The longest overdue first, then what is due next; what promises nothing stands last. */
export function byUrgency(a: Due, b: Due): number {
  if (a.overdueSeconds !== b.overdueSeconds) return b.overdueSeconds - a.overdueSeconds;
  return (a.dueAt ?? '9').localeCompare(b.dueAt ?? '9');
}
