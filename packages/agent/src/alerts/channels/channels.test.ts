import { describe, expect, it } from 'vitest';
import { createMailServer, type MailServerOptions, textOf } from '../../testing/mail-server.js';
import { createWebhookReceiver } from '../../testing/webhook-receiver.js';
import type { AlertMessage } from '../message.js';
import type { MailConfig } from '../schema.js';
import { createMail } from './mail.js';
import { createWebhook } from './webhook.js';

const message: AlertMessage = {
  version: 1,
  id: 'message-1',
  event: 'opened',
  alert: 'alert-1',
  agent: 'mz-agent',
  department: 'mz',
  rule: 'stream-stopped',
  subject: '村居/mz-agent/1',
  openedAt: '2026-06-10T00:00:00.000Z',
  code: 'QZ_ENGINE_RECEIPT_WRONG',
  texts: { zh: { message: '停了', hint: '看看' }, en: { message: 'it stopped', hint: 'look' } },
  restart: 'qianzhi stream resume village',
};
const signal = () => AbortSignal.timeout(5_000);
const failed = (reason: RegExp) => ({
  code: 'QZ_AGENT_ALERT_CHANNEL_FAILED',
  message: expect.stringMatching(reason),
});

async function mailTo(options: MailServerOptions, config: Partial<MailConfig>) {
  const server = await createMailServer(options);
  const channel = createMail('duty', {
    host: '127.0.0.1',
    port: server.port,
    security: 'none',
    from: 'qianzhi@mz.example',
    to: ['duty@mz.example'],
    ...config,
  });
  return { server, channel };
}

describe('a webhook', () => {
  const secret = 'shared-secret-0123456789';

  it('is signed so that a library of the specification verifies it; a foreign secret does not', async () => {
    const receiver = await createWebhookReceiver(secret);
    await createWebhook('ops', { url: receiver.url, secret }, []).send(message, signal());
    expect(receiver.messages).toEqual([message]);
    await createWebhook('ops', { url: receiver.url, secret: 'another-secret-01234' }, []).send(
      message,
      signal(),
    );
    expect([receiver.messages.length, receiver.forged.length]).toEqual([1, 1]);
    const written = `whsec_${Buffer.from(secret).toString('base64')}`;
    await createWebhook('ops', { url: receiver.url, secret: written }, []).send(message, signal());
    expect(receiver.messages).toHaveLength(2);
  });

  it('fails by what it is answered, without naming its address', async () => {
    const receiver = await createWebhookReceiver(secret);
    const channel = createWebhook('ops', { url: receiver.url, secret }, []);
    for (const status of [302, 404, 500]) {
      receiver.status = status;
      await expect(channel.send(message, signal())).rejects.toMatchObject(
        failed(new RegExp(`HTTP ${status}`)),
      );
    }
    await receiver.stop();
    const error = await channel.send(message, signal()).catch((reason) => reason);
    expect(error).toMatchObject(failed(/连接被拒绝/));
    expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain('hidden');
  });
});

describe('the address of a webhook', () => {
  const secret = 'shared-secret-0123456789';

  it('may be inside, but is none of the agent itself', async () => {
    const receiver = await createWebhookReceiver(secret);
    const own = Number(new URL(receiver.url).port);
    const channel = createWebhook('ops', { url: receiver.url, secret }, [own]);
    await expect(channel.send(message, signal())).rejects.toMatchObject(failed(/前置机自己的端口/));
    expect(receiver.messages).toEqual([]);
  });

  it('is never link-local, where clouds tell machines their secrets', async () => {
    const channel = createWebhook('ops', { url: 'http://169.254.169.254/hidden', secret }, []);
    await expect(channel.send(message, signal())).rejects.toMatchObject(failed(/不能作为接收方/));
  });
});

describe('mail', () => {
  it('is in both languages and names the command that goes on', async () => {
    const { server, channel } = await mailTo({ hideSTARTTLS: true }, {});
    await channel.send(message, signal());
    const [mail] = server.mails;
    expect(mail).toContain('Message-ID: <message-1@mz.example>');
    const text = textOf(mail!);
    for (const part of ['停了', 'it stopped', 'qianzhi stream resume village', 'QZ_ENGINE_RECEIPT_WRONG'])
      expect(text).toContain(part);
  });

  it('signs in where it is told to, and says that a password was refused without repeating it', async () => {
    const options = { hideSTARTTLS: true, allowInsecureAuth: true, password: 'right-one' };
    const { server, channel } = await mailTo(options, { user: 'qz', password: 'right-one' });
    await channel.send(message, signal());
    expect(server.signIns).toEqual(['qz:right-one']);
    const wrong = await mailTo(options, { user: 'qz', password: 'wrong-one' });
    const error = await wrong.channel.send(message, signal()).catch((reason) => reason);
    expect(error).toMatchObject(failed(/用户名或口令不对.*SMTP 535/));
    expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain('wrong-one');
  });

  it('is not sent in clear where encryption was asked for', async () => {
    const { server, channel } = await mailTo({ disabledCommands: ['STARTTLS'] }, { security: 'starttls' });
    await expect(channel.send(message, signal())).rejects.toMatchObject(failed(/加密连接|SMTP 5/));
    const untrusted = await mailTo({}, { security: 'starttls' });
    await expect(untrusted.channel.send(message, signal())).rejects.toMatchObject(failed(/证书/));
    expect([server.mails, untrusted.server.mails]).toEqual([[], []]);
  });

  it('says that nobody listens', async () => {
    const { server, channel } = await mailTo({}, {});
    await server.stop();
    await expect(channel.send(message, signal())).rejects.toMatchObject(failed(/连接被拒绝/));
  });
});
