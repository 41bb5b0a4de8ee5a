import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chown, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkShape, systemCode } from '@qianzhi/model';
import { type Static, Type } from '@qianzhi/model/schema';
import { agentErrors } from '../../errors.js';
import { type Owner, writeWhole } from '../../whole-file.js';
import { parseScope } from './scope.js';

/** A key of a business system as it is kept: of the key itself a digest alone. */
const ApiKeySchema = Type.Object(
  {
    id: Type.String(),
    system: Type.String(),
    scopes: Type.Array(Type.String()),
    createdAt: Type.String(),
    expiresAt: Type.Optional(Type.String()),
    revokedAt: Type.Optional(Type.String()),
    digest: Type.String(),
  },
  { additionalProperties: false },
);
type StoredKey = Static<typeof ApiKeySchema>;

export type ApiKey = Readonly<Omit<StoredKey, 'digest'>>;

export interface WantedKey {
  readonly system: string;
  readonly scopes: readonly string[];
  readonly expiresAt?: string | undefined;
}

const KEY = /^qzk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const ID = /^[0-9a-f]{16}$/;
/** Shown in the log and in `qianzhi api-key list`, and part of what idempotency keys belong to. */
const SYSTEM = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}$/;

const folderOf = (stateDir: string) => join(stateDir, 'api-keys');
const fileOf = (stateDir: string, id: string) => join(folderOf(stateDir), `${id}.json`);
const digestOf = (secret: string) => createHash('sha256').update(secret).digest();

/**
 * Makes a key; its text is in the answer and nowhere else. One file for each key, so that a running agent knows of it, and of its
 * revocation, with the next request. `hand` gets the text first: where it throws, nothing is made. Throws
 * QZ_AGENT_API_SCOPE_WRONG, _API_SYSTEM_WRONG.
 */
export async function createApiKey(
  stateDir: string,
  { system, scopes, expiresAt }: WantedKey,
  now: Date,
  hand: (text: string) => Promise<void> = async () => {},
): Promise<{ readonly key: ApiKey; readonly text: string }> {
  if (!SYSTEM.test(system)) throw agentErrors.API_SYSTEM_WRONG({ system });
  if (scopes.length === 0) throw agentErrors.API_SCOPE_WRONG({ scope: '' });
  const id = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  const stored: StoredKey = {
    id,
    system,
    scopes: [...new Set(scopes.map(parseScope))],
    createdAt: now.toISOString(),
    ...(expiresAt !== undefined && { expiresAt }),
    digest: digestOf(secret).toString('base64url'),
  };
  const text = `qzk_${id}_${secret}`;
  await makeFolder(stateDir);
  await hand(text);
  await write(stateDir, stored);
  return { key: shown(stored), text };
}

/** Oldest first, revoked ones too. */
export async function listApiKeys(stateDir: string): Promise<readonly ApiKey[]> {
  const keys = await Promise.all((await idsIn(stateDir)).map((id) => read(stateDir, id)));
  return keys.flatMap((key) => (key ? shown(key) : [])).sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

/** The keys' files, below the state folder. */
export async function apiKeyFiles(stateDir: string): Promise<string[]> {
  return (await idsIn(stateDir)).map((id) => `api-keys/${id}.json`);
}

async function idsIn(stateDir: string): Promise<string[]> {
  const names = await readdir(folderOf(stateDir)).catch((error) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter((name) => name.endsWith('.json') && ID.test(name.slice(0, -5)))
    .map((name) => name.slice(0, -5));
}

/** Throws QZ_AGENT_API_KEY_UNKNOWN; one that was revoked before stays as it is. */
export async function revokeApiKey(stateDir: string, id: string, now: Date): Promise<ApiKey> {
  const key = ID.test(id) ? await read(stateDir, id) : undefined;
  if (!key) throw agentErrors.API_KEY_UNKNOWN({ id: id.slice(0, 64) });
  const revoked = { ...key, revokedAt: key.revokedAt ?? now.toISOString() };
  if (!key.revokedAt) await write(stateDir, revoked);
  return shown(revoked);
}

/** The key that a text is, while it is good; undefined tells nobody why. The secret is compared in constant time. */
export async function findApiKey(stateDir: string, text: string, now: Date): Promise<ApiKey | undefined> {
  const [, id, secret] = KEY.exec(text) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  const key = await read(stateDir, id);
  const expected = key ? Buffer.from(key.digest, 'base64url') : Buffer.alloc(32);
  const given = digestOf(secret);
  const same = expected.length === given.length && timingSafeEqual(expected, given);
  return key && same && isGood(key, now) ? shown(key) : undefined;
}

/** Whether a key that was good still is: what stays open asks again. */
export async function isStillGood(stateDir: string, id: string, now: Date): Promise<boolean> {
  const key = await read(stateDir, id);
  return key !== undefined && isGood(key, now);
}

export function isGood(
  { revokedAt, expiresAt }: Pick<ApiKey, 'revokedAt' | 'expiresAt'>,
  now: Date,
): boolean {
  return revokedAt === undefined && (expiresAt === undefined || Date.parse(expiresAt) > now.getTime());
}

async function read(stateDir: string, id: string): Promise<StoredKey | undefined> {
  const file = fileOf(stateDir, id);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return checkShape(ApiKeySchema, JSON.parse(text), 'api key');
  } catch (cause) {
    throw agentErrors.API_KEY_FILE_WRONG({ file, id }, cause);
  }
}

async function write(stateDir: string, key: StoredKey): Promise<void> {
  const owner = await ownerOf(stateDir);
  await writeWhole(fileOf(stateDir, key.id), `${JSON.stringify(key, null, 2)}\n`, { mode: 0o600, owner });
}

async function makeFolder(stateDir: string): Promise<void> {
  await mkdir(folderOf(stateDir), { recursive: true, mode: 0o700 });
  const owner = await ownerOf(stateDir);
  if (owner) await chown(folderOf(stateDir), owner.uid, owner.gid);
}

/** What root makes the agent's user has to read. */
async function ownerOf(stateDir: string): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = await stat(stateDir);
  return { uid, gid };
}

function shown({ digest: _digest, ...key }: StoredKey): ApiKey {
  return key;
}
