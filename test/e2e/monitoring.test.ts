import { writeFile } from 'node:fs/promises';
import type { Alert, JobInfo } from '@qianzhi/agent/control';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createMailServer, textOf } from '../../packages/agent/src/testing/mail-server.js';
import { createWebhookReceiver } from '../../packages/agent/src/testing/webhook-receiver.js';
import { resourceOf } from '../fixtures/resource.js';
import { insertRows, sql } from '../fixtures/tables.js';
import { type Certificate, createCertificate } from '../services/certificate.js';
import { eventually } from './program.js';
import { createRig, type Refusal, type Rig, type RigAgent } from './rig.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** What an operator's monitoring and mailbox see of a platform and two agents, by the program alone. */
const SECRET = 'webhook-secret-Nobody-else-has';
const MAIL_PASSWORD = 'mail-password-Nobody-else-has';
const ROW = 'value-of-a-row';
let rig: Rig;
let certificate: Certificate;

const mz = { env: { QZ_CONFIG: 'mz.yaml' } };
const exchanges = (more = '') => `${more}
connectors:
  civil: { type: sqlite, path: ./legacy.sqlite, readOnly: true }
exchanges:
  - { name: supply-town, supply: town, connector: civil, strategy: diff, source: { table: town }, rejectLimit: 0 }
`;
const pull = `monitor: { port: 0 }
connectors:
  received: { type: sqlite, path: ./received.sqlite, create: true }
exchanges:
  - { name: pull-town, consume: town, connector: received, target: { table: town, create: true } }
`;

beforeAll(async () => {
  rig = await createRig({}, { monitor: { port: 0 } });
  certificate = await createCertificate(rig.folder);
  for (const [name, secret] of [
    ['hook', SECRET],
    ['mail', MAIL_PASSWORD],
  ] as const)
    await writeFile(rig.at(`${name}.secret`), `${secret}\n`, { mode: 0o600 });
  sql(rig.at('legacy.sqlite'), 'CREATE TABLE town (code TEXT PRIMARY KEY, name TEXT)');
  insertRows(rig.at('legacy.sqlite'), 'town', [
    ['1', 'one'],
    ['2', 'two'],
  ]);
  await rig.enrol('mz', 'mz', exchanges());
  await rig.enrol('sw', 'sw', pull);
  await rig.publish(resourceOf('town', [{ column: 'code' }, { column: 'name', length: 20 }]), 'mz');
  await rig.subscribe('town');
});

afterAll(async () => {
  await rig?.close();
});

async function channels() {
  const receiver = await createWebhookReceiver(SECRET);
  const { key, cert } = certificate;
  const mailbox = await createMailServer({ key, cert, password: MAIL_PASSWORD });
  const config = `monitor: { port: 0 }
alerts:
  resolveAfterSeconds: 0
  webhooks: { ops: { url: '${receiver.url}', secret: '\${file:./hook.secret}' } }
  mails:
    duty: { host: 127.0.0.1, port: ${mailbox.port}, user: qz, password: '\${file:./mail.secret}', from: qz@mz.example, to: [duty@mz.example] }
`;
  await rig.writeConfig('mz', exchanges(config));
  return { receiver, mailbox };
}

const trusting = () => ({ NODE_EXTRA_CA_CERTS: certificate.file });

describe('qianzhi alert test', () => {
  interface Trials {
    readonly ok: boolean;
    readonly channels: readonly { readonly channel: string; readonly ok: boolean; readonly code?: string }[];
  }

  it('sends a trial through each channel, encrypted and signed in, and says which one fails', async () => {
    const { receiver, mailbox } = await channels();
    const env = { ...mz.env, ...trusting() };
    const { code, answer } = await rig.json<Trials>(['alert', 'test'], { env });
    expect([code, answer.ok], JSON.stringify(answer)).toEqual([0, true]);
    expect(receiver.messages).toMatchObject([{ event: 'trial', agent: 'mz', department: 'mz' }]);
    expect([mailbox.secure, mailbox.signIns]).toEqual([[true], [`qz:${MAIL_PASSWORD}`]]);
    expect(textOf(mailbox.mails[0]!)).toContain('这是一条试发的告警');

    const untrusted = await rig.json<Trials>(['alert', 'test'], mz);
    expect(untrusted.code).toBe(7);
    expect(untrusted.answer).toMatchObject({
      ok: false,
      channels: [
        { channel: 'webhook:ops', ok: true },
        { channel: 'mail:duty', ok: false, code: 'QZ_AGENT_ALERT_CHANNEL_FAILED' },
      ],
    });
    expect((await rig.qz(['alert', 'test'], mz)).out).toMatch(
      /mail:duty failed: its certificate is not trusted/,
    );
    const one = await rig.json<Trials>(['alert', 'test', '--channel', 'webhook:ops'], mz);
    expect([one.code, one.answer.channels.length]).toEqual([0, 1]);
    const unknown = await rig.json(['alert', 'test', '--channel', 'webhook:other'], mz);
    expect(unknown.answer.error).toMatchObject({
      code: 'QZ_AGENT_ALERT_CHANNEL_UNKNOWN',
      details: { known: 'webhook:ops, mail:duty' },
    });
  });

  it.each([
    ["webhooks: { ops: { url: 'http://', secret: long-enough-for-a-secret } }", '/alerts/webhooks/ops/url'],
    ["webhooks: { ops: { url: 'http://a', secret: short } }", '/alerts/webhooks/ops/secret'],
    ['mails: { m: { host: a, user: u, from: a@b, to: [c@d] } }', '/alerts/mails/m'],
    ['mails: { m: { host: a, from: a@b, to: [] } }', '/alerts/mails/m/to'],
    ['thresholds: { silentCycles: 0 }', '/alerts/thresholds/silentCycles'],
  ])('config validate refuses %s', async (alerts, where) => {
    await rig.writeConfig('wrong', `alerts:\n  ${alerts}\n`);
    const { answer } = await rig.json<{ findings: readonly { where: string; code: string }[] }>(
      ['config', 'validate'],
      { env: { QZ_CONFIG: 'wrong.yaml' } },
    );
    expect(answer.findings).toMatchObject([{ where, code: 'QZ_AGENT_CONFIG_WRONG' }]);
  });

  it('says where there is no channel', async () => {
    const { answer } = await rig.json<Refusal>(['alert', 'test'], { env: { QZ_CONFIG: 'sw.yaml' } });
    expect(answer.error.code).toBe('QZ_AGENT_ALERT_CHANNELS_MISSING');
  });
});

describe('a running agent', () => {
  interface Status {
    readonly monitorUrl: string;
    readonly openAlerts: readonly Alert[];
    readonly exchanges: readonly { readonly hasData: boolean; readonly cycleSeconds: number }[];
    readonly link: { readonly clockSkewSeconds: number };
  }
  const status = async (name: string) =>
    (await rig.json<Status>(['agent', 'status'], { env: { QZ_CONFIG: `${name}.yaml` } })).answer;
  const ask = async (url: string) => {
    const answer = await fetch(url);
    return { status: answer.status, text: await answer.text() };
  };
  const run = async (exchange: string, name: string) =>
    (await rig.json<JobInfo>(['job', 'run', exchange, '--wait'], { env: { QZ_CONFIG: `${name}.yaml` } }))
      .answer;

  it('is measured, tells of a stream that stopped once over a crash, and that it goes on', async () => {
    const { receiver, mailbox } = await channels();
    let agent: RigAgent = await rig.startAgent('mz', trusting());
    await rig.startAgent('sw');
    await rig.qz(['agent', 'sync'], mz);
    expect(await run('supply-town', 'mz')).toMatchObject({ state: 'done', summary: { stored: 2 } });
    await rig.qz(['agent', 'sync'], { env: { QZ_CONFIG: 'sw.yaml' } });
    expect(await run('pull-town', 'sw')).toMatchObject({ state: 'done', summary: { inserted: 2 } });

    const {
      monitorUrl,
      exchanges: [exchange],
      link,
    } = await status('mz');
    expect(exchange).toMatchObject({ hasData: true, cycleSeconds: 86_400 });
    expect(Math.abs(link.clockSkewSeconds)).toBeLessThan(2);
    expect((await ask(`${monitorUrl}/livez`)).status).toBe(200);
    expect(await ask(`${monitorUrl}/readyz`)).toMatchObject({ status: 200 });
    const metrics = (await ask(`${monitorUrl}/metrics`)).text;
    for (const line of [
      'qianzhi_agent_rows_read_total{exchange="supply-town"} 2',
      'qianzhi_agent_rows_sent_total{exchange="supply-town"} 2',
      'qianzhi_agent_rows_applied_total{exchange="supply-town"} 0',
      'qianzhi_agent_batches_total{exchange="supply-town",stage="sent"} 1',
      'qianzhi_agent_connector_up{connector="civil"} 1',
      'qianzhi_agent_oldest_unreceipted_seconds{resource="town"} 0',
      'qianzhi_agent_update_cycle_seconds{exchange="supply-town"} 86400',
      'qianzhi_agent_outbox_bytes 0',
      'qianzhi_agent_platform_up 1',
      'qianzhi_agent_jobs{state="done"} 1',
    ])
      expect(metrics.split('\n')).toContain(line);
    for (const name of [
      'data_age_seconds{exchange=',
      'last_success_timestamp_seconds{exchange=',
      'clock_skew_seconds ',
      'lease_expiry_timestamp_seconds ',
    ])
      expect(metrics).toContain(`qianzhi_agent_${name}`);
    const applied = (await ask(`${(await status('sw')).monitorUrl}/metrics`)).text;
    expect(applied).toContain('qianzhi_agent_rows_applied_total{exchange="pull-town"} 2');

    sql(rig.at('legacy.sqlite'), `INSERT INTO town VALUES ('3', '${ROW}-far-too-long-for-its-item')`);
    expect(await run('supply-town', 'mz')).toMatchObject({ problem: { code: 'QZ_ENGINE_REJECT_LIMIT' } });
    await eventually('an alert in both channels', 20_000, () =>
      receiver.messages.length > 0 && mailbox.mails.length > 0 ? true : undefined,
    );
    expect(receiver.messages).toMatchObject([
      {
        event: 'opened',
        rule: 'stream-stopped',
        code: 'QZ_ENGINE_REJECT_LIMIT',
        restart: 'qianzhi job resume supply-town',
      },
    ]);
    const after = (await ask(`${monitorUrl}/metrics`)).text;
    for (const line of [
      'qianzhi_agent_rows_rejected_total{exchange="supply-town"} 1',
      'qianzhi_agent_quarantined_rows{exchange="supply-town"} 1',
      'qianzhi_agent_exchange_state{exchange="supply-town",state="stopped"} 1',
      'qianzhi_agent_alerts_open{rule="stream-stopped"} 1',
    ])
      expect(after.split('\n')).toContain(line);
    const ready = await ask(`${monitorUrl}/readyz`);
    expect(ready.status).toBe(503);
    expect(JSON.parse(ready.text).parts).toContainEqual(
      expect.objectContaining({ part: 'exchange supply-town', ready: false, code: 'QZ_ENGINE_REJECT_LIMIT' }),
    );
    const listed = await rig.qz(['alert', 'list'], mz);
    expect(listed.out).toMatch(/stream-stopped .*QZ_ENGINE_REJECT_LIMIT +2\/2/);
    expect((await rig.qz(['agent', 'status'], mz)).out).toContain('1 alert is open: qianzhi alert list');
    expect((await rig.qz(['doctor'], mz)).out).toMatch(/! alert .*an open alert \(.*town.*\)/);

    await rig.stopAgent('mz', 'SIGKILL');
    agent = await rig.startAgent('mz', trusting());
    await eventually('the alert to be known', 20_000, async () =>
      (await status('mz')).openAlerts.length === 1 ? true : undefined,
    );

    sql(rig.at('legacy.sqlite'), `UPDATE town SET name = 'three' WHERE code = '3'`);
    await rig.qz(['job', 'resume', 'supply-town'], mz);
    await eventually('the alert to be resolved', 40_000, () =>
      receiver.messages.length > 1 && mailbox.mails.length > 1 ? true : undefined,
    );
    expect(
      receiver.messages.map(({ event, alert }) => [event, alert === receiver.messages[0]!.alert]),
    ).toEqual([
      ['opened', true],
      ['resolved', true],
    ]);
    expect(mailbox.mails).toHaveLength(2);
    const { answer } = await rig.json<{ alerts: readonly Alert[] }>(['alert', 'list', '--open'], mz);
    expect(answer.alerts).toEqual([]);
    expect(agent.process.output.err).toMatch(/"msg":"alert resolved"|alert resolved/);
  });

  it('is known to the platform’s metrics, and no secret or row value is anywhere', async () => {
    const [line] = await rig.platform.until(/^\{"url":.*\}$/m);
    const { monitorUrl } = JSON.parse(line) as { monitorUrl: string };
    const { text } = await ask(`${monitorUrl}/metrics`);
    expect(text).toMatch(/qianzhi_platform_batches_stored_total\{department="mz"\} [12]/);
    expect(text).toMatch(/qianzhi_platform_agent_last_seen_timestamp_seconds\{agent="sw"\} \d/);
    expect(text).toContain('qianzhi_platform_deliveries_made_total{department="sw"} 1');
    expect((await ask(`${monitorUrl}/readyz`)).status).toBe(200);
    const own = (await ask(`${(await status('mz')).monitorUrl}/metrics`)).text;
    for (const secret of [...rig.secrets, SECRET, MAIL_PASSWORD, ROW, 'hidden-in-the-url'])
      expect(text + own + rig.shown()).not.toContain(secret);
  });
});
