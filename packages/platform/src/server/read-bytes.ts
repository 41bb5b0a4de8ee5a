import type { IncomingMessage } from 'node:http';
import { eachPiece } from '@qianzhi/client';
import { isQianzhiError } from '@qianzhi/model';
import { collectBuffers, copyBytes, LENT_FROM_BYTES, lendBytes, returnBytes } from '@qianzhi/rows';
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
  let body = lendBytes(declared);
  let length = 0;
  await eachPiece(payload, (piece) => {
    const end = length + piece.length;
    if (end > maxBytes) throw tooLarge();
    if (end > body.length) body = widened(body, length, Math.max(end, body.length * 2));
    copyBytes(body, length, piece);
    length = end;
  }).catch((error) => {
    throw isQianzhiError(error) ? error : brokenOff(error);
  });
  if (length >= LENT_FROM_BYTES) collectBuffers();
  return body.subarray(0, length);
}

function widened(body: Uint8Array, length: number, bytes: number): Uint8Array {
  const wider = lendBytes(bytes);
  copyBytes(wider, 0, body.subarray(0, length));
  returnBytes(body);
  return wider;
}

/** A caller that breaks off is at fault itself. */
function brokenOff(cause: unknown): Error {
  return Object.assign(cause instanceof Error ? cause : new Error(String(cause)), { statusCode: 400 });
}
