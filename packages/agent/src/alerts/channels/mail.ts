import { type LocalText, systemCode, systemReason } from '@qianzhi/model';
import { agentErrors } from '../../errors.js';
import type { AlertMessage, Channel } from '../message.js';
import type { MailConfig } from '../schema.js';

const TIMEOUT_MS = 10_000;

/** Sends alerts as plain mail in both languages. The library is loaded with the first one. */
export function createMail(name: string, config: MailConfig): Channel {
  const id = `mail:${name}`;
  return {
    id,
    async send(message, signal) {
      const { createTransport } = await import('nodemailer');
      const { host, port, security, user, password } = config;
      const transport = createTransport({
        host,
        port,
        secure: security === 'tls',
        requireTLS: security === 'starttls',
        ignoreTLS: security === 'none',
        ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
        connectionTimeout: TIMEOUT_MS,
        greetingTimeout: TIMEOUT_MS,
        socketTimeout: TIMEOUT_MS,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      const giveUp = () => transport.close();
      signal.addEventListener('abort', giveUp, { once: true });
      try {
        await transport.sendMail(mailOf(message, config));
      } catch (error) {
        throw agentErrors.ALERT_CHANNEL_FAILED({ channel: id, reason: reasonOf(error) }, error);
      } finally {
        signal.removeEventListener('abort', giveUp);
        transport.close();
      }
    },
  };
}

function mailOf(message: AlertMessage, { from, to }: MailConfig) {
  const { id, alert, agent, event } = message;
  const domain = from.slice(from.indexOf('@') + 1);
  return {
    from,
    to,
    subject: `[qianzhi ${agent}] ${words[event]} ${message.rule} ${message.subject}`,
    text: textOf(message),
    // a message that comes twice is one to a mail program, and those of one alert stand together
    messageId: `<${id}@${domain}>`,
    references: `<${alert}@${domain}>`,
    headers: { 'X-Qianzhi-Alert': alert, 'X-Qianzhi-Event': event, 'Auto-Submitted': 'auto-generated' },
  };
}

const words = {
  opened: '告警 / alert:',
  resolved: '已解除 / resolved:',
  trial: '试发 / trial:',
} as const satisfies Record<AlertMessage['event'], string>;

function textOf({
  texts,
  code,
  openedAt,
  resolvedAt,
  agent,
  department,
  restart,
  alert,
}: AlertMessage): string {
  const restarts = restart === undefined ? [] : [`恢复 / start again: ${restart}`];
  return [
    texts.zh.message,
    texts.zh.hint,
    '',
    texts.en.message,
    texts.en.hint,
    '',
    ...restarts,
    `前置机 / agent: ${agent} (${department})`,
    `代码 / code: ${code}`,
    `发生 / opened: ${openedAt}`,
    ...(resolvedAt === undefined ? [] : [`解除 / resolved: ${resolvedAt}`]),
    `编号 / alert: ${alert}`,
    '',
  ].join('\n');
}

const failures: Readonly<Record<string, LocalText>> = {
  EAUTH: { zh: '登录被拒绝,用户名或口令不对', en: 'sign-in was refused: user or password is wrong' },
  ETLS: { zh: '不能建立加密连接,核对 security', en: 'no encrypted connection: check `security`' },
  EENVELOPE: { zh: '发件人或收件人被拒绝', en: 'it refused the sender or a recipient' },
  EMESSAGE: { zh: '邮件被拒绝', en: 'it refused the message' },
  EDNS: { zh: '主机名解析不出', en: 'the host name does not resolve' },
};

/** The server's own words may repeat what was sent: of those only the number is told. */
function reasonOf(error: unknown): LocalText {
  // the library's own code says less than the system's, which it keeps beside it
  const { responseCode, originalCode } = error as Record<'responseCode' | 'originalCode', unknown>;
  const known = failures[systemCode(error) ?? ''];
  const reason = known ?? systemReason(originalCode === undefined ? error : { code: originalCode });
  if (typeof responseCode !== 'number') return reason;
  return { zh: `${reason.zh}(SMTP ${responseCode})`, en: `${reason.en} (SMTP ${responseCode})` };
}
