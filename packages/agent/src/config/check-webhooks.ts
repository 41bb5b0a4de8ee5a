import type { LocalText } from '@qianzhi/model';
import { agentErrors } from '../errors.js';
import type { AgentPlugins } from '../plugins.js';
import type { LoadedConfig } from './load.js';
import type { Report } from './report.js';

const notAnUrl: LocalText = {
  zh: '应为 http:// 或 https:// 地址,不含用户名与口令',
  en: 'must be an http:// or https:// address without user and password',
};

/** What a schema cannot say of webhooks: an address, and an exchange that keeps a feed. */
export function checkWebhooks(
  { config, file, lineOf }: LoadedConfig,
  connector: (name: string) => ReturnType<AgentPlugins['connector']> | undefined,
  report: Report,
): void {
  const feeds = config.exchanges.filter(
    (one) => 'consume' in one && connector(one.connector)?.capabilities.feed === true,
  );
  const known = feeds.map(({ name }) => name).join(', ') || '—';
  for (const [webhook, { url, exchange }] of Object.entries(config.webhooks.targets)) {
    const pointer = `/webhooks/targets/${webhook}`;
    if (!isPlainUrl(url)) {
      const where = `${pointer}/url`;
      report(agentErrors.CONFIG_WRONG({ file, line: lineOf(where), where, problem: notAnUrl }), where);
    }
    if (feeds.some(({ name }) => name === exchange)) continue;
    const where = `${pointer}/exchange`;
    report(
      agentErrors.WEBHOOK_EXCHANGE({ webhook, exchange, known, file, line: lineOf(where), where }),
      where,
    );
  }
}

function isPlainUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return username === '' && password === '';
}
