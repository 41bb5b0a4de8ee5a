import { connect, type PeerCertificate } from 'node:tls';
import { systemReason } from '@qianzhi/model';
import type { PluginLog } from '@qianzhi/plugin-api';

const LOOK_EVERY_MS = 6 * 3_600_000;
const AGAIN_AFTER_MS = 10 * 60_000;
const DEADLINE_MS = 10_000;

export interface Certificate {
  end(): string | undefined;
  /** Whether it was looked at, or there is none. */
  known(): boolean;
  close(): void;
}

/** When the certificate at the platform's address ends; looked at every six hours, where that is https. */
export function watchCertificate(url: string, log: PluginLog): Certificate {
  const { protocol, hostname, port } = new URL(url);
  let end: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function look(): Promise<void> {
    try {
      end = await certificateEnd(hostname.replace(/^\[|\]$/g, ''), Number(port || 443));
    } catch (error) {
      log.debug({ reason: systemReason(error).en }, 'the platform’s certificate could not be looked at');
    }
    if (closed) return;
    timer = setTimeout(look, end === undefined ? AGAIN_AFTER_MS : LOOK_EVERY_MS);
    timer.unref();
  }

  if (protocol === 'https:') void look();
  return {
    end: () => end,
    known: () => end !== undefined || protocol !== 'https:',
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** Reads the certificate only: whether it is to be trusted is judged where requests are made. */
export function certificateEnd(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      servername: /^[\d.:]+$/.test(host) ? '' : host,
      rejectUnauthorized: false,
    });
    const fail = (error: unknown) => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(DEADLINE_MS, () => fail(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      const { valid_to } = socket.getPeerCertificate() as PeerCertificate;
      socket.destroy();
      resolve(new Date(valid_to).toISOString());
    });
  });
}
