import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface Seal {
  close(account: string, secret: Uint8Array): string;
  /** Throws where it was changed, or sealed for another account. */
  open(account: string, sealed: string): Buffer;
}

/** AES-256-GCM under a key made of the platform's own, which is not in the database: who reads the tables alone makes no codes. */
export function createSeal(privateKey: string): Seal {
  const key = Buffer.from(hkdfSync('sha256', Buffer.from(privateKey, 'base64url'), '', 'qianzhi totp', 32));
  return {
    close(account, secret) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(account));
      const body = Buffer.concat([cipher.update(secret), cipher.final()]);
      return Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url');
    },
    open(account, sealed) {
      const bytes = Buffer.from(sealed, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
        .setAAD(Buffer.from(account))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    },
  };
}
