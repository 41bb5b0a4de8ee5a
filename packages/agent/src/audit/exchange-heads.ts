import { type AuditHead, agentRoutes, isQianzhiError, type Signed } from '@qianzhi/model';
import { signDocument, verifyDocument } from '@qianzhi/model/crypto';
import type { PluginLog } from '@qianzhi/plugin-api';
import { agentErrors } from '../errors.js';
import { type Identity, signingKeyOf } from '../identity/identity-file.js';
import type { PlatformLink } from '../link/platform-link.js';
import { type AgentChain, lastChainEntry } from './chain-files.js';
import { agentChains } from './chains.js';
import { readKeptHeads, writeKeptHeads } from './kept-heads.js';

const EVERY_MS = 3_600_000;
/** After a failure, and before the link is up. */
const AGAIN_MS = 60_000;

export interface HeadExchangeParts {
  readonly link: Pick<PlatformLink, 'client' | 'platformKeys'>;
  readonly identity: Identity;
  readonly stateDir: string;
  readonly log: PluginLog;
  readonly now: () => Date;
}

/**
 * Hands in how far the own chains go, and keeps how far the platform's audit goes. One that goes back, or names another entry
 * under a number known before, is kept as well and throws QZ_AGENT_AUDIT_HEAD_BACK: the platform was restored, or its audit rewritten.
 */
export async function exchangeHeads(parts: HeadExchangeParts, signal: AbortSignal): Promise<void> {
  const { link, identity, stateDir, log, now } = parts;
  const hand = (heads: Signed<AuditHead>[]) =>
    link.client.call(agentRoutes.exchangeAuditHeads, { body: { heads } }, signal);
  const heads = await ownHeads(parts);
  // a platform of the version before knows no chain but this one, and refuses all where it is given others
  const later = heads.filter(({ body }) => body.log !== 'queries');
  if (later.length > 0) {
    await hand(later).catch((error) => {
      if (!isQianzhiError(error) || error.code !== 'QZ_MODEL_SHAPE_WRONG') throw error;
      log.debug({ code: error.code }, 'the platform keeps no heads of such chains');
    });
  }
  const { head } = await hand(heads.filter(({ body }) => body.log === 'queries'));
  verifyDocument(head, link.platformKeys(), now().toISOString());
  const kept = await readKeptHeads(stateDir);
  const isKnown = ({ body }: Signed<AuditHead>) =>
    body.seq === head.body.seq && body.digest === head.body.digest;
  if (kept.some(isKnown)) return;
  await writeKeptHeads(stateDir, [...kept, head]);
  const last = kept.at(-1)?.body;
  if (last && head.body.seq <= last.seq) {
    const { agent } = identity;
    throw agentErrors.AUDIT_HEAD_BACK({ agent, seq: head.body.seq, known: last.seq });
  }
}

async function ownHeads(parts: HeadExchangeParts): Promise<Signed<AuditHead>[]> {
  const heads: Signed<AuditHead>[] = [];
  for (const chain of Object.values(agentChains)) {
    try {
      const head = await ownHead(chain, parts);
      if (head) heads.push(head);
    } catch (error) {
      // the other chains are held to theirs
      const code = isQianzhiError(error) ? error.code : undefined;
      parts.log.error({ code, log: chain.log, error: String(error) }, 'a chain of this agent cannot be read');
    }
  }
  return heads;
}

async function ownHead(
  chain: AgentChain,
  { identity, stateDir, now }: HeadExchangeParts,
): Promise<Signed<AuditHead> | undefined> {
  const last = await lastChainEntry(chain, stateDir);
  if (last === undefined) return undefined;
  const { seq, digest } = last;
  const issuedAt = now().toISOString();
  const body = {
    type: 'audit-head',
    version: 1,
    owner: identity.agent,
    log: chain.log,
    seq,
    digest,
    issuedAt,
  } as const;
  return signDocument<AuditHead>(body, signingKeyOf(identity));
}

/** Now and every hour; answers a function that ends it. */
export function startHeadExchange(parts: HeadExchangeParts): () => Promise<void> {
  const closing = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();

  async function round(): Promise<void> {
    let next = EVERY_MS;
    try {
      await exchangeHeads(parts, closing.signal);
    } catch (error) {
      if (closing.signal.aborted) return;
      const code = isQianzhiError(error) ? error.code : undefined;
      // a platform of an older version keeps no heads, and is asked again with the next round
      if (code === 'QZ_AGENT_AUDIT_HEAD_BACK') parts.log.error({ code }, (error as Error).message);
      else if (code !== 'QZ_PLATFORM_ROUTE_UNKNOWN') {
        // a line that is down is told by the link; what does not pass by itself is told here
        const passes = isQianzhiError(error) && error.retry !== 'never';
        parts.log[passes ? 'debug' : 'warn']({ code, error: String(error) }, 'exchanging audit heads failed');
        next = AGAIN_MS;
      }
    }
    timer = setTimeout(start, next);
    timer.unref();
  }
  function start(): void {
    running = round();
  }

  start();
  return async () => {
    closing.abort();
    clearTimeout(timer);
    await running;
    clearTimeout(timer);
  };
}
