import type { AgentStatus, ConfigState } from '@qianzhi/agent/control';
import { currentLanguage } from '@qianzhi/model';
import { counted } from './counted.js';
import { haltText, sizeText } from './job-text.js';
import { timeText, word } from './words.js';

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
  const skew = link.clockSkewSeconds === undefined ? '—' : `${link.clockSkewSeconds.toFixed(1)} s`;
  const { bytes, limitBytes, oldestSealedAt } = status.outbox;
  const oldest = timeText(oldestSealedAt) ?? '—';
  log(
    zh
      ? `发件箱 ${sizeText(bytes)} / ${sizeText(limitBytes)},最早未签收 ${oldest},时钟偏差 ${skew}`
      : `outbox ${sizeText(bytes)} of ${sizeText(limitBytes)}, oldest without receipt ${oldest}, clock ${skew} ahead`,
  );
  for (const { name, subject, expiresAt } of status.expiries)
    log(`${word(name)} ${subject} ${zh ? '到期' : 'ends'} ${timeText(expiresAt)}`);
  if (status.monitorUrl) log(`${zh ? '监控接口' : 'monitor'} ${status.monitorUrl}`);
  const { queries, api } = status;
  if (api) {
    const pushed = api.pushed.join(', ') || '—';
    log(
      zh
        ? `业务系统接口 ${api.url},可推送:${pushed},事件流 ${api.streams} 个`
        : `API for business systems ${api.url}, may be pushed: ${pushed}, event streams ${api.streams}`,
    );
  }
  if (queries) {
    const { tunnel, services } = queries;
    const shown = tunnel.open ? (zh ? '通' : 'open') : zh ? '未通' : 'not open';
    log(
      zh
        ? `查询通道${shown},应答 ${services.length} 个查询服务`
        : `connection for queries ${shown}, answers ${counted(services.length, 'query service')}`,
    );
    for (const problem of [tunnel.problem, ...services.map((one) => one.problem)]) {
      const told = problem && haltText({ problem });
      if (told) log(told);
    }
  }
  for (const { webhook, pending, dead, sentRecords, state } of status.webhooks)
    log(
      zh
        ? `webhook ${webhook} ${word(state)},已送 ${sentRecords} 条,待送 ${pending?.records ?? 0},死信 ${dead.length}`
        : `webhook ${webhook} ${state}, ${counted(sentRecords, 'record')} sent, ${pending?.records ?? 0} outstanding, ${counted(dead.length, 'dead letter')}`,
    );
  const open = status.openAlerts.length;
  if (open > 0)
    log(
      zh
        ? `! ${open} 条告警未解除:qianzhi alert list`
        : `! ${counted(open, 'alert is open', 'alerts are open')}: qianzhi alert list`,
    );
  const config = configHalt(status.config);
  if (config) log(config);
  const deaf = status.reconcileProblem;
  if (deaf) {
    log(zh ? '! 收不到对方发起的对账:' : '! reconciliations that others begin are not heard of:');
    log(haltText({ problem: deaf }) ?? deaf.code);
  }
  const halt = link.problem && haltText({ problem: link.problem });
  if (halt) log(halt);
}

/** What keeps the config on the disk from being the one that runs; undefined where it is. */
export function configHalt({ file, problem, restartFor }: ConfigState): string | undefined {
  if (problem) return haltText({ problem });
  if (restartFor.length === 0) return undefined;
  const parts = restartFor.join(', ');
  return currentLanguage() === 'zh'
    ? `! ${file} 中 ${parts} 的改动须重启才生效:systemctl restart qianzhi-agent;未装为服务的,停止后再 qianzhi agent start`
    : `! ${file}: ${parts} changed and need a restart: systemctl restart qianzhi-agent; where it is no service, stop it and qianzhi agent start`;
}
