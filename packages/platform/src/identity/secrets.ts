import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { argon2id, hash, verify } from 'argon2';

/** 256 random bits as base64url: session tokens, enrolment secrets, the first-start code. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** How a random secret is kept at rest; passwords are not random and go through `hashPassword`. */
export function secretDigest(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

export function equalDigests(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** OWASP's parameters for argon2id: 19 MiB, 2 passes. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, { type: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 });
}

let nobody: Promise<string> | undefined;

/** For an account that does not exist (`undefined`) the same work is done, so that time tells nothing. */
export async function passwordFits(stored: string | undefined, password: string): Promise<boolean> {
  nobody ??= hashPassword(newSecret());
  const fits = await verify(stored ?? (await nobody), password);
  return stored !== undefined && fits;
}
