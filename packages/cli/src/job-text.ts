import type { JobInfo } from '@qianzhi/agent/control';
import { currentLanguage, type Problem } from '@qianzhi/model';
import { counted } from './counted.js';
import { timeText } from './words.js';

const zh = () => currentLanguage() === 'zh';

const stateWords = {
  queued: '排队',
  running: '运行中',
  waiting: '等待',
  done: '完成',
  failed: '失败',
  cancelled: '已取消',
} as const satisfies Record<JobInfo['state'], string>;

export function stateText(job: JobInfo): string {
  if (!zh()) return job.state === 'done' && rejectedOf(job) > 0 ? 'done with rejects' : job.state;
  return job.state === 'done' && rejectedOf(job) > 0 ? '完成,有拒绝' : stateWords[job.state];
}

export function rejectedOf(job: JobInfo): number {
  return job.summary?.rejected ?? 0;
}

/** One line while a job runs: rows, bytes, rate, and what lags behind. */
export function progressText(job: JobInfo): string {
  const { progress } = job;
  const head = `${job.exchange}  ${stateText(job)}`;
  const why = job.problem ? `  ${job.problem.code}` : '';
  const next = job.nextAt ? `  ${zh() ? '下次' : 'next'} ${timeText(job.nextAt)}` : '';
  if (!progress) return head + why + next;
  const { rows, bytes, rowsPerSecond, bytesPerSecond, waitingBatches, waitingBytes } = progress;
  const rate = `${Math.round(rowsPerSecond)} ${zh() ? '行' : 'rows'}/s, ${sizeText(bytesPerSecond)}/s`;
  const lag = zh()
    ? `待确认 ${waitingBatches} 批 ${sizeText(waitingBytes)}`
    : `${counted(waitingBatches, 'batch', 'batches')} (${sizeText(waitingBytes)}) waiting`;
  return `${head}  ${rows} ${zh() ? '行' : 'rows'}  ${sizeText(bytes)}  ${rate}  ${lag}${why}${next}`;
}

/** What a finished job did; rejected rows are always named. */
export function summaryText(job: JobInfo): string {
  const { summary } = job;
  if (!summary) return `${job.id}  ${job.exchange}  ${stateText(job)}`;
  const counts: [string, string, number][] = [
    ['读取', 'read', summary.read],
    ['重复', 'repeated', summary.repeated],
    ['入库', 'stored', summary.stored],
    ['交付', 'delivered', summary.delivered],
    ['新增', 'inserted', summary.inserted],
    ['更新', 'updated', summary.updated],
    ['未变', 'unchanged', summary.unchanged],
    ['删除', 'deleted', summary.deleted],
    ['标记', 'flagged', summary.flagged],
  ];
  const shown = counts.filter(([, , count]) => count > 0);
  const always: [string, string, number] = ['拒绝', 'rejected', summary.rejected];
  const text = [...shown, always].map(([chinese, english, count]) => `${zh() ? chinese : english} ${count}`);
  return `${job.id}  ${job.exchange}  ${stateText(job)}  ${text.join('  ')}`;
}

/** Why something stands still, and the command that starts it again. */
export function haltText(halted: {
  readonly problem?: Problem;
  readonly restart?: string;
}): string | undefined {
  if (!halted.problem) return undefined;
  const { message, hint } = halted.problem.texts[currentLanguage()];
  const restart = halted.restart && !hint.includes(halted.restart) ? `\n  → ${halted.restart}` : '';
  return `✗ ${halted.problem.code}  ${message}\n  → ${hint}${restart}`;
}

export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let unit = 0;
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024;
  return `${unit === 0 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}
