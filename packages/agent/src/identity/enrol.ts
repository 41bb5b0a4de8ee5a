import { randomBytes } from 'node:crypto';
import { createClient } from '@qianzhi/client';
import {
  agentRoutes,
  checkShape,
  type EnrolmentToken,
  EnrolmentTokenSchema,
  personRoutes,
} from '@qianzhi/model';
import { canonicalBytes, intlSuite, keyIdOf } from '@qianzhi/model/crypto';
import { agentErrors } from '../errors.js';
import { proveStateDir } from '../state-dir.js';
import { type Identity, readIdentity, writeIdentity } from './identity-file.js';

const PREFIX = 'qz1.';

/** Throws QZ_AGENT_TOKEN_MALFORMED; never shows the token. */
export function parseToken(text: string): EnrolmentToken {
  const token = text.trim();
  if (!token.startsWith(PREFIX)) throw agentErrors.TOKEN_MALFORMED();
  try {
    const value: unknown = JSON.parse(Buffer.from(token.slice(PREFIX.length), 'base64url').toString('utf8'));
    return checkShape(EnrolmentTokenSchema, value, 'token');
  } catch (cause) {
    throw agentErrors.TOKEN_MALFORMED({}, cause);
  }
}

export interface EnrolOptions {
  readonly stateDir: string;
  readonly token: string;
  /** Overrides the address in the token (a gateway's). */
  readonly url?: string;
}

/**
 * Makes the agent's keys here and registers the public one with a one-time token. The platform must show the key the
 * token names. Throws QZ_AGENT_ALREADY_ENROLLED, _TOKEN_MALFORMED, _STATE_DIR_UNWRITABLE, _PLATFORM_KEY_WRONG, the platform's own
 * refusals (spent, expired, unknown token) and the client's network errors.
 */
export async function enrol(options: EnrolOptions, signal?: AbortSignal): Promise<Identity> {
  const known = await readIdentity(options.stateDir);
  if (known) throw agentErrors.ALREADY_ENROLLED({ stateDir: options.stateDir, agent: known.agent });
  const token = parseToken(options.token);
  const url = options.url ?? token.url;
  if (!url) throw agentErrors.TOKEN_MALFORMED();
  // before the token is spent
  await proveStateDir(options.stateDir);
  const client = createClient({ url, identity: { kind: 'anonymous' } });
  try {
    const info = await client.call(personRoutes.platformInfo, {}, signal);
    if (info.keyId !== token.platformKey) {
      throw agentErrors.PLATFORM_KEY_WRONG({ url, found: info.keyId, expected: token.platformKey });
    }
    const pair = intlSuite.generateKeyPair();
    const proofOf = {
      token: intlSuite.digest(Buffer.from(token.secret)),
      publicKey: pair.publicKey,
      agent: token.agent,
    };
    const proof = intlSuite.sign(pair.privateKey, canonicalBytes(proofOf));
    const answer = await client.call(
      agentRoutes.enrol,
      {
        body: {
          tokenId: token.id,
          secret: token.secret,
          suite: intlSuite.name,
          publicKey: pair.publicKey,
          proof,
        },
      },
      signal,
    );
    const platformKeys = answer.keys.filter((key) => key.owner === 'platform');
    const trusted = platformKeys.find(
      (key) => key.keyId === token.platformKey && keyIdOf(key.publicKey) === key.keyId,
    );
    if (!trusted) {
      throw agentErrors.PLATFORM_KEY_WRONG({
        url,
        found: platformKeys.map((key) => key.keyId).join(', '),
        expected: token.platformKey,
      });
    }
    const identity: Identity = {
      version: 1,
      agent: answer.agent,
      department: answer.department,
      departmentName: answer.departmentName,
      audience: answer.audience,
      url,
      suite: intlSuite.name,
      keyId: keyIdOf(pair.publicKey),
      publicKey: pair.publicKey,
      privateKey: pair.privateKey,
      localSecret: randomBytes(32).toString('base64url'),
      platformKeys: [trusted],
    };
    await writeIdentity(options.stateDir, identity);
    return identity;
  } finally {
    await client.close();
  }
}
