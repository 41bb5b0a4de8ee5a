/** The platform's API for programs: typed calls over the model's route table, signed for agents. */
export { addressShape, isPlatformAddress } from './address.js';
export {
  type CallInput,
  type ClientOptions,
  createClient,
  type Identity,
  type PlatformClient,
  type Upgrade,
} from './client.js';
export { eachPiece } from './each-piece.js';
export { clientErrors } from './errors.js';
export type { BodyMemory } from './http.js';
export {
  AUDIENCE_HEADER,
  CLOCK_TOLERANCE_SECONDS,
  MAX_LIFE_SECONDS,
  REPLY_HEADER,
} from './signature/covered.js';
export {
  clockSkew,
  type HeaderMap,
  type IncomingRequest,
  type OutgoingRequest,
  signRequest,
  type VerifiedRequest,
  verifyRequest,
} from './signature/request.js';
export {
  type IncomingResponse,
  type OutgoingResponse,
  signResponse,
  verifyResponse,
} from './signature/response.js';
export { type Params, type Query, targetOf } from './target.js';
