import { createHmac, timingSafeEqual } from 'node:crypto';

const SHAPE = /^([0-9a-f-]{36})\.([0-9a-z]{1,12})\.([A-Za-z0-9_-]{43})$/;

/** A link to one download: `id.expiry.HMAC-SHA-256`, under a key of that download which never leaves the platform. */
export function linkToken(id: string, linkKey: string, expiresAt: Date): string {
  const expiry = Math.floor(expiresAt.getTime() / 1000).toString(36);
  return `${id}.${expiry}.${macOf(id, expiry, linkKey)}`;
}

export interface ReadLink {
  readonly id: string;
  /** Whether it is a link under this key that has not expired. */
  holds(linkKey: string, now: Date): boolean;
}

/** Undefined for what has not the shape of a link. */
export function readLink(token: string): ReadLink | undefined {
  const [, id, expiry, mac] = SHAPE.exec(token) ?? [];
  if (!id || !expiry || !mac) return undefined;
  return {
    id,
    holds(linkKey, now) {
      const right = timingSafeEqual(Buffer.from(macOf(id, expiry, linkKey)), Buffer.from(mac));
      return right && Number.parseInt(expiry, 36) * 1000 > now.getTime();
    },
  };
}

function macOf(id: string, expiry: string, linkKey: string): string {
  const key = Buffer.from(linkKey, 'hex');
  return createHmac('sha256', key).update(`qianzhi:download:1\n${id}\n${expiry}`).digest('base64url');
}
