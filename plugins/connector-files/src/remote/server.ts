import { createHash } from 'node:crypto';
import { actText, isQianzhiError, throwIfCancelled } from '@qianzhi/model';
import ssh2, { type Client, type SFTPWrapper } from 'ssh2';
import { classifyRemote } from './classify.js';
import type { SftpConfig } from './config.js';
import { sftpErrors } from './errors.js';

type Done<T> = (error: unknown, value?: T) => void;

/** One request as the protocol knows it. */
export type Request<T> = (sftp: SFTPWrapper, done: Done<T>) => void;

/** An SFTP server: its connection is opened when it is first needed, and again when it broke. */
export interface Server extends AsyncDisposable {
  readonly config: SftpConfig;
  /**
   * Makes one request. Throws QZ_SFTP_* by what the server or the line says; QZ_SFTP_TIMEOUT when no answer came in time, and the
   * connection is given up then. A fired signal ends it at once.
   */
  ask<T>(doing: string, path: string, request: Request<T>, signal: AbortSignal): Promise<T>;
}

const KEEPALIVE_MS = 10_000;

interface Session {
  readonly client: Client;
  /** Once it is logged in. */
  readonly sftp: Promise<SFTPWrapper>;
}

export function createServer(config: SftpConfig): Server {
  let session: Session | undefined;

  function connected(): Session {
    if (session) return session;
    const opening = connect(config);
    session = opening;
    const forget = () => {
      if (session === opening) session = undefined;
    };
    opening.client.on('close', forget);
    opening.sftp.catch(forget);
    return opening;
  }

  function drop(): void {
    session?.client.destroy();
    session = undefined;
  }

  return {
    config,
    async ask(doing, path, request, signal) {
      throwIfCancelled(signal, doing);
      const { host, port, timeoutSeconds: seconds } = config;
      try {
        return await within(seconds * 1000, signal, request, connected);
      } catch (error) {
        if (error === late) {
          drop();
          throw sftpErrors.TIMEOUT({ doing: actText(doing), host, port, seconds });
        }
        if (signal.aborted) drop();
        throwIfCancelled(signal, doing);
        throw isQianzhiError(error) ? error : classifyRemote(error, config, doing, path);
      }
    },
    async [Symbol.asyncDispose]() {
      drop();
    },
  };
}

const late = new Error('no answer in time');

/** The answer to a request, or `late`, or the signal's reason, whichever comes first. */
async function within<T>(
  ms: number,
  signal: AbortSignal,
  request: Request<T>,
  connected: () => Session,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const ended = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late), ms);
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  const answered = (async () => {
    const sftp = await connected().sftp;
    return new Promise<T>((resolve, reject) =>
      request(sftp, (error, value) => (error ? reject(error) : resolve(value as T))),
    );
  })();
  try {
    return await Promise.race([answered, ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort!);
    answered.catch(() => undefined); // the race is over
  }
}

/** Logs in, once the host's key is proven to be the pinned one; before that no credential leaves this machine. */
function connect(config: SftpConfig): Session {
  const { host, port, user: username, password, privateKey, passphrase, timeoutSeconds } = config;
  if (password === undefined && privateKey === undefined) throw sftpErrors.NO_CREDENTIAL({ host });
  if (privateKey !== undefined && ssh2.utils.parseKey(privateKey, passphrase) instanceof Error) {
    throw sftpErrors.KEY_BROKEN({ host });
  }
  const pinned = [config.hostFingerprint ?? []].flat().map((each) => each.replace(/=$/, ''));
  const client = new ssh2.Client();
  const sftp = new Promise<SFTPWrapper>((resolve, reject) => {
    let refusal: unknown;
    const fail = (error: unknown) => {
      client.destroy();
      reject(refusal ?? error);
    };
    // a request goes out in several small writes: Nagle would hold the last back until the server’s delayed ACK, 40 ms later
    client.on('connect', () => client.setNoDelay(true));
    client.on('error', fail);
    client.on('close', () => fail(new Error('closed')));
    client.on('ready', () => client.sftp((error, sftp) => (error ? fail(error) : resolve(sftp))));
    client.connect({
      host,
      port,
      username,
      ...(password !== undefined && { password }),
      ...(privateKey !== undefined && { privateKey }),
      ...(passphrase !== undefined && { passphrase }),
      readyTimeout: timeoutSeconds * 1000,
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: 3,
      hostVerifier: (key: Buffer) => {
        const fingerprint = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=$/, '')}`;
        if (pinned.includes(fingerprint)) return true;
        const facts = { host, port, fingerprint };
        refusal = pinned.length === 0 ? sftpErrors.HOST_UNKNOWN(facts) : sftpErrors.HOST_CHANGED(facts);
        return false;
      },
    });
  });
  return { client, sftp };
}
