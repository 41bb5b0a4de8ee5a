import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { onTestFinished } from 'vitest';

/** A real SMTP server on loopback. */
export interface MailServer {
  readonly port: number;
  /** Each mail as it came, headers and body. */
  readonly mails: string[];
  /** Whether each of them came encrypted. */
  readonly secure: boolean[];
  /** `user:password` of each sign-in. */
  readonly signIns: string[];
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  start(): Promise<void>;
}

export interface MailServerOptions extends SMTPServerOptions {
  /** Asked for and checked where it is given. */
  readonly password?: string;
}

export async function createMailServer({
  password,
  ...options
}: MailServerOptions = {}): Promise<MailServer> {
  let server: SMTPServer;
  let port = 0;
  const mail: MailServer = {
    get port() {
      return port;
    },
    mails: [],
    secure: [],
    signIns: [],
    stop: () => new Promise((resolve) => server.close(() => resolve())),
    async start() {
      server = new SMTPServer({
        logger: false,
        authOptional: password === undefined,
        ...options,
        onAuth({ username, password: given }, _session, done) {
          mail.signIns.push(`${username}:${given}`);
          if (given === password) done(null, { user: username });
          else done(new Error('no'));
        },
        onData(stream, session, done) {
          const chunks: Buffer[] = [];
          stream.on('data', (chunk: Buffer) => chunks.push(chunk));
          stream.on('end', () => {
            mail.mails.push(Buffer.concat(chunks).toString('utf8'));
            mail.secure.push(session.secure);
            done();
          });
        },
      });
      server.on('error', () => undefined); // a client that gives up is its own affair
      server.listen(port, '127.0.0.1');
      await once(server.server, 'listening');
      port = (server.server.address() as AddressInfo).port;
    },
  };
  await mail.start();
  onTestFinished(() => mail.stop());
  return mail;
}

/** The text of a mail that came quoted-printable, as mail of few characters outside ASCII does. */
export function textOf(mail: string): string {
  const body = mail.slice(mail.search(/\r?\n\r?\n/)).replaceAll(/=\r?\n/g, '');
  return decodeURIComponent(body.replaceAll('%', '%25').replaceAll(/=([0-9A-F]{2})/g, '%$1'));
}
