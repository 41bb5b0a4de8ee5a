import type { DownloadProgress } from '@qianzhi/client';
import { sizeText } from './job-text.js';
import { createProgressLine, type ProgressLine } from './progress.js';

const EVERY_MS = 1000;
const BAR = 24;

/** Shows how far a download is, on stderr: a bar on a terminal, else a line of JSON now and then and at each end of a phase. */
export function downloadProgress(
  say: (zh: string, en: string) => string,
  out: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stderr,
  now: () => number = Date.now,
): { readonly show: (progress: DownloadProgress) => void; readonly line: ProgressLine } {
  const line = createProgressLine(out, now);
  let last = Number.NEGATIVE_INFINITY;
  let phase = '';
  return {
    line,
    show(progress) {
      if (out.isTTY) {
        line.show(barOf(progress, say));
        return;
      }
      if (now() - last < EVERY_MS && progress.phase === phase && progress.done < 1) return;
      last = now();
      phase = progress.phase;
      out.write(`${JSON.stringify(progress)}\n`);
    },
  };
}

function barOf(
  { phase, done, bytes, totalBytes }: DownloadProgress,
  say: (zh: string, en: string) => string,
): string {
  const full = Math.round(done * BAR);
  const what = phase === 'preparing' ? say('准备', 'preparing') : say('下载', 'fetching');
  const size = totalBytes === null ? '' : `  ${sizeText(bytes)} / ${sizeText(totalBytes)}`;
  return `${what} [${'█'.repeat(full)}${'░'.repeat(BAR - full)}] ${Math.floor(done * 100)} %${size}`;
}
