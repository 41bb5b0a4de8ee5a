import { lookup } from 'node:dns/promises';
import { CLOCK_TOLERANCE_SECONDS, clientErrors, clockSkew, createClient } from '@qianzhi/client';
import { checkShape, isQianzhiError, personRoutes, systemReason } from '@qianzhi/model';
import { agentErrors } from '../errors.js';
import type { Identity } from '../identity/identity-file.js';
import { type DoctorFinding, failed, finding, ok, warning } from './finding.js';
import { checkPort } from './port.js';

const DEADLINE_MS = 5_000;
/** A clock this far off is still accepted, but on its way out. */
const SKEW_WARNING_SECONDS = 10;

interface PlatformInfo {
  readonly audience: string;
  readonly version: string;
  readonly keyId: string;
  readonly skewSeconds: number;
}

/** DNS, connection, the right API behind the address, clocks, and the key met at enrolment; ends at the first that fails. */
export async function* checkPlatform(
  url: string,
  identity: Identity | undefined,
  signal: AbortSignal,
): AsyncGenerator<DoctorFinding> {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const name = await finding('dns', () => checkName(host));
  yield name;
  if (name.level === 'failed') return;
  const portNumber = Number(port || (protocol === 'https:' ? 443 : 80));
  const connection = await finding('connect', () => checkPort('connect', host, portNumber, signal));
  yield connection;
  if (connection.level === 'failed') return;
  let info: PlatformInfo | undefined;
  yield await finding('api', async () => {
    info = await fetchInfo(url, signal);
    return ok(
      'api',
      `${url} 是平台“${info.audience}”,版本 ${info.version}`,
      `${url} is the platform "${info.audience}", version ${info.version}`,
    );
  });
  if (!info) return;
  yield judgeClock(info.skewSeconds, new Date());
  if (identity) yield judgeKey(url, info.keyId, identity);
}

async function checkName(host: string): Promise<DoctorFinding> {
  try {
    const { address } = await lookup(host);
    return ok('dns', `${host} → ${address}`, `${host} → ${address}`);
  } catch (cause) {
    throw agentErrors.HOST_UNKNOWN({ host, reason: systemReason(cause) }, cause);
  }
}

async function fetchInfo(url: string, signal: AbortSignal): Promise<PlatformInfo> {
  const client = createClient({ url, identity: { kind: 'anonymous' }, timeoutMs: DEADLINE_MS });
  try {
    const before = Date.now();
    const answer = await client.call(personRoutes.platformInfo, {}, signal);
    const middle = (before + Date.now()) / 2;
    const info = shaped(answer, url);
    return { ...info, skewSeconds: Math.round((middle - Date.parse(info.serverTime)) / 1000) };
  } finally {
    await client.close();
  }
}

function shaped(answer: unknown, url: string) {
  try {
    return checkShape(personRoutes.platformInfo.response, answer, 'info');
  } catch (error) {
    if (!isQianzhiError(error)) throw error;
    throw clientErrors.NOT_A_PLATFORM({ url, status: 200, contentType: 'application/json' }, error);
  }
}

/** `skewSeconds` is how far our clock is ahead of the platform's. */
export function judgeClock(skewSeconds: number, now: Date): DoctorFinding {
  const size = Math.abs(skewSeconds);
  if (size <= SKEW_WARNING_SECONDS) {
    return ok('clock', `时钟相差 ${size} 秒`, `clocks differ by ${size} s`);
  }
  const error = clockSkew(now, new Date(now.getTime() - skewSeconds * 1000));
  return size > CLOCK_TOLERANCE_SECONDS ? failed('clock', error) : warning('clock', error);
}

function judgeKey(url: string, found: string, identity: Identity): DoctorFinding {
  const expected = identity.platformKeys.map((key) => key.keyId);
  if (expected.includes(found)) {
    return ok(
      'platform-key',
      `平台密钥 ${found} 与登记时一致`,
      `platform key ${found} is the one enrolled with`,
    );
  }
  return failed(
    'platform-key',
    agentErrors.PLATFORM_KEY_WRONG({ url, found, expected: expected.join(', ') }),
  );
}
