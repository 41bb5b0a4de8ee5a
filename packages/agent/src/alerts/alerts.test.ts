import { readdir, writeFile } from 'node:fs/promises';
import { toProblem } from '@qianzhi/model';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { agentErrors } from '../errors.js';
import { createMailServer, textOf } from '../testing/mail-server.js';
import { tempFolder } from '../testing/temp-folder.js';
import { createWebhookReceiver } from '../testing/webhook-receiver.js';
import { type AlertsOptions, openAlerts } from './alerts.js';
import { createMail } from './channels/mail.js';
import { createWebhook } from './channels/webhook.js';
import type { Channel, Condition } from './message.js';
import { readAlerts } from './record.js';

const SECRET = 'shared-secret-0123456789';
const logs: string[] = [];
const keep = (facts: object, message: string) => void logs.push(JSON.stringify(facts) + message);
const log = { debug: keep, info: keep, warn: keep, error: keep };
const until = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 10 });

function condition(subject = 'supply-town'): Condition {
  const problem = toProblem(agentErrors.ROWS_REJECTED({ exchange: subject, rows: 120, limit: 100 }));
  return { rule: 'rejected-rows', subject, problem };
}

/** Alerts of one state folder, over restarts; what holds and what is unknown is the test's. */
async function scene(channels: readonly Channel[], more: Partial<AlertsOptions> = {}) {
  const world = { holding: [condition()] as Condition[], unknown: false, now: new Date() };
  const stateDir = await tempFolder();
  async function start(used: readonly Channel[] = channels) {
    const alerts = await openAlerts({
      stateDir,
      agent: 'mz-agent',
      department: 'mz',
      channels: used,
      judge: () => ({ holding: world.holding, unknown: () => world.unknown }),
      resolveAfterMs: 60_000,
      now: () => world.now,
      log,
      retry: { firstMs: 5, capMs: 20 },
      ...more,
    });
    onTestFinished(() => alerts.close());
    return alerts;
  }
  const later = (seconds: number) => {
    world.now = new Date(world.now.getTime() + seconds * 1000);
  };
  return { world, start, later, stateDir };
}

const hook = async () => {
  const receiver = await createWebhookReceiver(SECRET);
  return { receiver, channel: createWebhook('ops', { url: receiver.url, secret: SECRET }, []) };
};

async function mailbox() {
  const server = await createMailServer({ hideSTARTTLS: true });
  const channel = createMail('duty', {
    host: '127.0.0.1',
    port: server.port,
    security: 'none',
    from: 'qianzhi@mz.example',
    to: ['duty@mz.example', 'second@mz.example'],
  });
  return { server, channel };
}

describe('alerts', () => {
  it('are told once while they last and once when they are over, by webhook and mail', async () => {
    const [{ receiver, channel }, mail] = [await hook(), await mailbox()];
    const { world, start, later } = await scene([channel, mail.channel]);
    const alerts = await start();
    for (let i = 0; i < 5; i++) await alerts.check();
    await until(() => expect([receiver.messages.length, mail.server.mails.length]).toEqual([1, 1]));
    expect(receiver.messages[0]).toMatchObject({
      event: 'opened',
      agent: 'mz-agent',
      department: 'mz',
      rule: 'rejected-rows',
      subject: 'supply-town',
      code: 'QZ_AGENT_ROWS_REJECTED',
    });
    world.holding = [];
    await alerts.check();
    later(59);
    await alerts.check();
    expect(alerts.list()[0]!.resolvedAt).toBeUndefined();
    later(1);
    await alerts.check();
    await alerts.check();
    await until(() => expect([receiver.messages.length, mail.server.mails.length]).toEqual([2, 2]));
    expect(receiver.messages[1]).toMatchObject({
      event: 'resolved',
      alert: receiver.messages[0]!.alert,
      resolvedAt: world.now.toISOString(),
    });
    expect(receiver.forged).toEqual([]);
    const [opened, resolved] = mail.server.mails;
    expect(textOf(opened!)).toContain('qianzhi quarantine list --exchange supply-town');
    expect(opened).toMatch(/To: duty@mz\.example, second@mz\.example/);
    expect(resolved).toMatch(/X-Qianzhi-Event: resolved/);
  });

  it('are not told anew by a condition that comes back before it counts as gone', async () => {
    const { receiver, channel } = await hook();
    const { world, start, later } = await scene([channel]);
    const alerts = await start();
    for (let i = 0; i < 6; i++) {
      world.holding = i % 2 === 0 ? [condition()] : [];
      await alerts.check();
      later(50);
    }
    await until(() => expect(receiver.messages).toHaveLength(1));
    expect(alerts.list()).toHaveLength(1);
  });

  it('wait for a receiver that is down, over a restart, and come once, in order', async () => {
    const [{ receiver, channel }, mail] = [await hook(), await mailbox()];
    const { world, start, later } = await scene([channel, mail.channel]);
    await receiver.stop();
    await mail.server.stop();
    const first = await start();
    await first.check();
    await until(() => expect(first.list()[0]!.notices.every(({ attempts }) => attempts > 2)).toBe(true));
    expect(first.list()[0]!.notices[0]!.problem?.code).toBe('QZ_AGENT_ALERT_CHANNEL_FAILED');
    await first.close();

    const second = await start();
    await second.check();
    world.holding = [condition('supply-village')];
    await second.check();
    later(61);
    await second.check();
    await receiver.start();
    await mail.server.start();
    await until(() => expect([receiver.messages.length, mail.server.mails.length]).toEqual([3, 3]));
    expect(receiver.messages.map(({ event, subject }) => [event, subject])).toEqual([
      ['opened', 'supply-town'],
      ['opened', 'supply-village'],
      ['resolved', 'supply-town'],
    ]);
    await until(() =>
      expect(
        second
          .list()
          .flatMap(({ notices }) => notices)
          .every((n) => n.sentAt),
      ).toBe(true),
    );
    await second.close();

    const third = await start();
    await third.check();
    await third.check();
    await third.close();
    expect(receiver.messages).toHaveLength(3);
    expect(logs.join('\n')).not.toContain('hidden-in-the-url');
    expect(logs.join('\n')).not.toContain(SECRET);
  });

  it('keep the id of a message that a crash left unsaid', async () => {
    const { receiver, channel } = await hook();
    const { start, stateDir } = await scene([channel]);
    receiver.status = 500;
    const first = await start();
    await first.check();
    await until(() => expect(receiver.messages.length).toBeGreaterThan(1));
    await first.close();
    receiver.status = 200;
    const second = await start();
    await until(() => expect(second.list()[0]!.notices[0]!.sentAt).toBeDefined());
    await second.close();
    expect(new Set(receiver.messages.map(({ id }) => id)).size).toBe(1);
    expect((await readAlerts(stateDir, log))[0]).toMatchObject({ subject: 'supply-town' });
  });

  it('stay open over a restart while nobody can know, and are told to a channel that is new', async () => {
    const { receiver, channel } = await hook();
    const { world, start, later } = await scene([channel]);
    const first = await start();
    await first.check();
    // a message whose answer has not come yet is told again after a restart
    await until(() => expect(first.list()[0]!.notices[0]!.sentAt).toBeDefined());
    expect(receiver.messages).toHaveLength(1);
    await first.close();

    const other = await hook();
    Object.assign(world, { holding: [], unknown: true });
    const second = await start([channel, { ...other.channel, id: 'webhook:new' }]);
    await second.check();
    later(3_600);
    await second.check();
    await until(() => expect(other.receiver.messages.map(({ event }) => event)).toEqual(['opened']));
    expect([receiver.messages.length, second.list()[0]!.resolvedAt]).toEqual([1, undefined]);
  });

  it('count as over after a clock that was ahead is set right', async () => {
    const { world, start, later } = await scene([]);
    const alerts = await start();
    await alerts.check();
    world.holding = [];
    later(86_400);
    await alerts.check();
    later(-86_400);
    await alerts.check();
    later(60);
    await alerts.check();
    expect(alerts.list()[0]!.resolvedAt).toBeDefined();
  });

  it('are bounded however often they come, open ones kept', async () => {
    const { world, start, later } = await scene([], { resolveAfterMs: 0 });
    const alerts = await start();
    for (let i = 0; i < 600; i++) {
      world.holding = [condition('lasting'), condition(`c${i}`)];
      await alerts.check();
      later(1);
    }
    expect(alerts.list()).toHaveLength(500);
    expect(alerts.list()[0]).toMatchObject({ subject: 'lasting' });
    expect(alerts.list().at(-1)).toMatchObject({ subject: 'c599' });
  });

  it('set a broken record aside, say so, and are told anew', async () => {
    const { receiver, channel } = await hook();
    const { start, stateDir } = await scene([channel]);
    await writeFile(`${stateDir}/alerts.json`, '{"version":1,"alerts":[{}]}');
    const alerts = await start();
    expect(logs.at(-1)).toContain('QZ_AGENT_ALERTS_BROKEN');
    await alerts.check();
    await until(() => expect(receiver.messages).toHaveLength(1));
    expect(await readdir(stateDir)).toContain('alerts.json.broken');
  });
});
