import type { IncomingMessage } from 'node:http';
import { eachPiece } from '@qianzhi/client';
import { isQianzhiError } from '@qianzhi/model';
import { lendBody } from '@qianzhi/rows';
import type { FastifyRequest } from 'fastify';
import { platformErrors } from '../errors.js';
import { routeName } from './problems.js';

/** A body that does not say how long it is begins with this much room. */
const FIRST_BYTES = 64 * 1024;

/**
 * The whole of a bytes body in lent memory; whoever handles the request returns it. Throws QZ_PLATFORM_BODY_TOO_LARGE
 * before more than the route's limit is held.
 */
export async function readBytes(request: FastifyRequest, payload: IncomingMessage): Promise<Uint8Array> {
  const maxBytes = request.routeOptions.bodyLimit ?? 0;
  const tooLarge = () => platformErrors.BODY_TOO_LARGE({ route: routeName(request), maxBytes });
  const declared = Number(request.headers['content-length'] ?? FIRST_BYTES);
  if (declared > maxBytes) throw tooLarge();
  const body = lendBody(declared);
  let length = 0;
  await eachPiece(payload, (piece) => {
    length += piece.length;
    if (length > maxBytes) throw tooLarge();
    body.take(piece);
  }).catch((error) => {
    throw isQianzhiError(error) ? error : brokenOff(error);
  });
  return body.bytes;
}

/** A caller that breaks off is at fault itself. */
function brokenOff(cause: unknown): Error {
  return Object.assign(cause instanceof Error ? cause : new Error(String(cause)), { statusCode: 400 });
}
