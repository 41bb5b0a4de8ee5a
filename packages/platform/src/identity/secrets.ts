import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits as base64url: session tokens, enrolment secrets, the first-start code. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** How a random secret is kept at rest; passwords are not random and are hashed by `passwords/`. */
export function secretDigest(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

export function equalDigests(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
