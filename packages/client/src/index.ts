/** The platform's API for programs: typed calls over the model's route table, signed for agents. */
export { addressShape, isPlatformAddress } from './address.js';
export {
  type CallInput,
  type ClientOptions,
  createClient,
  type Identity,
  type PlatformClient,
  type StreamedAnswer,
  type Upgrade,
} from './client.js';
export { agentDownloads, type DownloadDoor, personDownloads } from './download/doors.js';
export {
  type DownloadProgress,
  type FetchedDownload,
  type FetchOptions,
  fetchDownload,
} from './download/fetch-download.js';
export { writeWhole } from './download/part-file.js';
export { eachPiece } from './each-piece.js';
export { clientErrors } from './errors.js';
export type { BodyMemory } from './http.js';
export {
  AUDIENCE_HEADER,
  CLOCK_TOLERANCE_SECONDS,
  type HeaderMap,
  MAX_LIFE_SECONDS,
  REPLY_HEADER,
} from './signature/covered.js';
export {
  checkClock,
  clockSkew,
  type IncomingRequest,
  lineTimes,
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
