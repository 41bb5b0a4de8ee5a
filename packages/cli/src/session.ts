import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cliErrors } from './errors.js';

/** A person's sign-in at one platform, kept 0600 in QZ_HOME (default ~/.qianzhi); the password is kept nowhere. */
export interface Session {
  readonly url: string;
  readonly account: string;
  readonly token: string;
  readonly expiresAt: string;
}

const folder = () => join(process.env.QZ_HOME || join(homedir(), '.qianzhi'), 'sessions');
const fileOf = (profile: string) => join(folder(), `${encodeURIComponent(profile)}.json`);

/** Throws QZ_CLI_NOT_SIGNED_IN when there is none or it has expired. */
export async function readSession(profile: string): Promise<Session> {
  const session = await lastSession(profile);
  if (Date.parse(session.expiresAt) <= Date.now()) throw cliErrors.NOT_SIGNED_IN({ profile });
  return session;
}

/** The last sign-in, over or not. Throws QZ_CLI_NOT_SIGNED_IN when there was none. */
export async function lastSession(profile: string): Promise<Session> {
  let text: string;
  try {
    text = await readFile(fileOf(profile), 'utf8');
  } catch (cause) {
    throw cliErrors.NOT_SIGNED_IN({ profile }, cause);
  }
  return parseSession(text, profile);
}

/** A file cut short by a full disk is none; signing in again writes it anew. */
function parseSession(text: string, profile: string): Session {
  try {
    const session = JSON.parse(text) as Partial<Record<keyof Session, unknown>>;
    const whole = (['url', 'account', 'token', 'expiresAt'] as const).every(
      (field) => typeof session[field] === 'string',
    );
    if (whole) return session as Session;
  } catch (cause) {
    throw cliErrors.NOT_SIGNED_IN({ profile }, cause);
  }
  throw cliErrors.NOT_SIGNED_IN({ profile });
}

export async function writeSession(profile: string, session: Session): Promise<void> {
  await mkdir(folder(), { recursive: true, mode: 0o700 });
  await writeFile(fileOf(profile), JSON.stringify(session), { mode: 0o600 });
  await chmod(fileOf(profile), 0o600);
}

export async function forgetSession(profile: string): Promise<void> {
  await rm(fileOf(profile), { force: true });
}
