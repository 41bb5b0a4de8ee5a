import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkShape, isQianzhiError, KeyRecordSchema, systemCode, systemReason } from '@qianzhi/model';
import { type SigningKey, suiteOf } from '@qianzhi/model/crypto';
import { type Static, Type } from '@qianzhi/model/schema';
import { agentErrors } from '../errors.js';
import { writeWhole } from '../whole-file.js';

/** What an agent is: made by `qianzhi enroll`, 0600 in the state folder; the private keys leave it never. */
export const IdentitySchema = Type.Object(
  {
    version: Type.Literal(1),
    agent: Type.String(),
    department: Type.String(),
    departmentName: Type.String(),
    audience: Type.String(),
    url: Type.String(),
    suite: Type.String(),
    keyId: Type.String(),
    publicKey: Type.String(),
    privateKey: Type.String(),
    /** 32 bytes, base64url: seals the quarantine and keys the checkpoint digests. */
    localSecret: Type.String(),
    platformKeys: Type.Array(KeyRecordSchema, { minItems: 1 }),
  },
  { additionalProperties: false },
);
export type Identity = Static<typeof IdentitySchema>;

export function signingKeyOf(identity: Identity): SigningKey {
  return { keyId: identity.keyId, suite: suiteOf(identity.suite), privateKey: identity.privateKey };
}

export function identityFile(stateDir: string): string {
  return join(stateDir, 'identity.json');
}

/** Undefined when the agent is not enrolled. Throws QZ_AGENT_IDENTITY_UNREADABLE or _IDENTITY_BROKEN. */
export async function readIdentity(stateDir: string): Promise<Identity | undefined> {
  const file = identityFile(stateDir);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw agentErrors.IDENTITY_UNREADABLE({ file, reason: systemReason(error) }, error);
  }
  try {
    return checkShape(IdentitySchema, JSON.parse(text), 'identity.json');
  } catch (error) {
    const reason = isQianzhiError(error) ? error.details.problem : { zh: '不是 JSON', en: 'it is not JSON' };
    throw agentErrors.IDENTITY_BROKEN({ file, reason }, error);
  }
}

/** Whole or not at all. */
export async function writeIdentity(stateDir: string, identity: Identity): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  await writeWhole(identityFile(stateDir), `${JSON.stringify(identity, null, 2)}\n`, { mode: 0o600 });
}
