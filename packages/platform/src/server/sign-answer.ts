import { signResponse } from '@qianzhi/client';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PlatformContext } from './context.js';

/**
 * Signs every answer on an agent route, refusals included (an agent believes nothing else), bound to the nonce of
 * the request. The nonce may be one that was never verified: a signed refusal of it gives nothing away.
 */
export async function signAnswer(
  context: PlatformContext,
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  if (request.routeOptions.config?.route?.access !== 'agent') return payload;
  const nonce = nonceOf(request.headers['signature-input']);
  if (nonce === undefined) return payload;
  const body = Buffer.isBuffer(payload) ? payload : Buffer.from((payload as string | undefined) ?? '');
  const contentType = String(reply.getHeader('content-type') ?? 'application/json');
  const bodyDigest = reply.statusCode === 200 ? request.answerDigest : undefined;
  const answer = { status: reply.statusCode, contentType, body, ...(bodyDigest && { bodyDigest }) };
  reply.headers(signResponse(answer, context.signingKey, nonce, context.now()));
  return payload;
}

/** Nonce of a signed request; undefined where there is none. */
export function nonceOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? /;nonce="([A-Za-z0-9_-]{1,64})"/.exec(header)?.[1] : undefined;
}
