import type { AlertsConfig } from '../alerts/schema.js';
import { agentErrors } from '../errors.js';
import type { AgentStatus } from '../status.js';
import { type DoctorFinding, finding, ok, warning } from './finding.js';
import { checkPort } from './port.js';

/** Whom alerts are told to, whether they take connections, and what is open. None of it keeps an agent from working. */
export async function* checkAlerts(
  config: AlertsConfig,
  running: AgentStatus | undefined,
  signal: AbortSignal,
): AsyncGenerator<DoctorFinding> {
  const places = [
    ...Object.entries(config.webhooks).map(([name, { url }]) => ({ id: `webhook:${name}`, ...placeOf(url) })),
    ...Object.entries(config.mails).map(([name, { host, port }]) => ({ id: `mail:${name}`, host, port })),
  ];
  if (places.length === 0) {
    yield ok('alerts', '未配置告警通道,告警只在本机列出', 'no channel: alerts are only listed here');
  }
  for (const { id, host, port } of places) {
    const check = `alerts ${id}`;
    const found = await finding(check, () => checkPort(check, host, port, signal));
    yield found.error ? warning(check, found.error) : found;
  }
  for (const { subject, problem, goneSince } of running?.openAlerts ?? []) {
    if (goneSince !== undefined) continue; // over, and soon told to be
    const reason = { zh: problem.texts.zh.message, en: problem.texts.en.message };
    yield warning('alert', agentErrors.ALERT_OPEN({ subject, reason }));
  }
  if (running?.monitorUrl) {
    yield ok('monitor', `监控接口 ${running.monitorUrl}`, `the monitor is at ${running.monitorUrl}`);
  }
}

function placeOf(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (protocol === 'https:' ? 443 : 80)),
  };
}
