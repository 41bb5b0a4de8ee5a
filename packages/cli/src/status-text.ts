import type { AgentStatus } from '@qianzhi/agent/control';
import { currentLanguage } from '@qianzhi/model';
import { haltText } from './job-text.js';
import { timeText } from './words.js';

/** The agent and its link to the platform, for a person. */
export function showStatus(status: AgentStatus, log: (line: string) => void): void {
  const zh = currentLanguage() === 'zh';
  const { link } = status;
  log(
    zh
      ? `前置机 ${status.agent}(${status.departmentName}),版本 ${status.version},进程 ${status.pid},自 ${timeText(status.startedAt)}`
      : `agent ${status.agent} of ${status.departmentName}, version ${status.version}, process ${status.pid} since ${timeText(status.startedAt)}`,
  );
  const state = link.online ? (zh ? '在线' : 'online') : zh ? '不可达' : 'out of reach';
  log(
    zh
      ? `平台 ${link.url} ${state},任务第 ${link.assignmentsVersion ?? '—'} 版,租约至 ${timeText(link.leaseExpiresAt) ?? '—'}`
      : `platform ${link.url} ${state}, assignments version ${link.assignmentsVersion ?? '—'}, lease until ${timeText(link.leaseExpiresAt) ?? '—'}`,
  );
  const halt = link.problem && haltText({ problem: link.problem });
  if (halt) log(halt);
}
