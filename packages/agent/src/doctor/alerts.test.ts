import { toProblem } from '@qianzhi/model';
import { describe, expect, it } from 'vitest';
import type { AlertsConfig } from '../alerts/schema.js';
import { agentErrors } from '../errors.js';
import type { AgentStatus } from '../status.js';
import { thresholds } from '../testing/facts.js';
import { createMailServer } from '../testing/mail-server.js';
import { createWebhookReceiver } from '../testing/webhook-receiver.js';
import { checkAlerts } from './alerts.js';

const secret = 'shared-secret-0123456789';

async function findings(more: Partial<AlertsConfig>, running?: Partial<AgentStatus>) {
  const config = { webhooks: {}, mails: {}, thresholds, resolveAfterSeconds: 60, ...more };
  const found = [];
  for await (const one of checkAlerts(config, running as AgentStatus, AbortSignal.timeout(10_000)))
    found.push(`${one.level} ${one.check} ${one.error?.code ?? ''}`.trim());
  return found;
}

describe('the doctor on alerts', () => {
  it('takes it as right that there is no channel', async () => {
    expect(await findings({})).toEqual(['ok alerts']);
  });

  it('tries whether each channel takes connections, and sends nothing', async () => {
    const receiver = await createWebhookReceiver(secret);
    const mail = await createMailServer();
    const config = {
      webhooks: { ops: { url: receiver.url, secret } },
      mails: {
        duty: {
          host: '127.0.0.1',
          port: mail.port,
          security: 'none' as const,
          from: 'a@b',
          to: ['c@d'],
        },
      },
    };
    expect(await findings(config)).toEqual(['ok alerts webhook:ops', 'ok alerts mail:duty']);
    await receiver.stop();
    expect(await findings(config)).toEqual([
      'warning alerts webhook:ops QZ_AGENT_PORT_CLOSED',
      'ok alerts mail:duty',
    ]);
    expect([receiver.messages, mail.mails]).toEqual([[], []]);
  });

  it('names what is open at the running agent, and where its monitor is', async () => {
    const problem = toProblem(agentErrors.CLOCK_OFF({ seconds: 12 }));
    const alert = {
      id: 'a',
      rule: 'clock-skew' as const,
      subject: 'clock',
      openedAt: '',
      problem,
      notices: [],
    };
    const running = {
      monitorUrl: 'http://127.0.0.1:8342',
      openAlerts: [alert, { ...alert, goneSince: '2026-06-01T00:00:00.000Z' }],
    };
    expect(await findings({}, running)).toEqual([
      'ok alerts',
      'warning alert QZ_AGENT_ALERT_OPEN',
      'ok monitor',
    ]);
  });
});
