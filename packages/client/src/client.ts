import {
  API_ROOT,
  FENCE_HEADER,
  fromProblem,
  isQianzhiError,
  type KeyRecord,
  type Payload,
  type Problem,
  type Route,
  systemReason,
  throwIfCancelled,
  withinTime,
} from '@qianzhi/model';
import type { SigningKey } from '@qianzhi/model/crypto';
import { addressShape, isPlatformAddress, shownAddress } from './address.js';
import { clientErrors } from './errors.js';
import { type BodyMemory, createHttp, type HttpAnswer, type HttpRequest } from './http.js';
import { signRequest } from './signature/request.js';
import { verifyResponse } from './signature/response.js';
import { type Params, type Query, targetOf } from './target.js';

/** How requests are made believable: by an agent's key, by a person's session, or not at all. */
export type Identity =
  | {
      readonly kind: 'agent';
      readonly key: SigningKey;
      readonly audience: string;
      /** The platform's keys as far as known; answers signed by another are not believed. */
      readonly platformKeys: () => readonly KeyRecord[];
      readonly fence: () => number | undefined;
    }
  | { readonly kind: 'person'; readonly token: string }
  | { readonly kind: 'anonymous' };

export interface ClientOptions {
  /** Address of the platform, with a prefix where a gateway adds one; the API root is appended. */
  readonly url: string;
  readonly identity: Identity;
  readonly now?: () => Date;
  /** Unix socket or named pipe to go through instead of the network: the agent's local control. */
  readonly socketPath?: string;
  /** For one call, from sending to the last byte; a long poll adds its own wait. Default 30 s. */
  readonly timeoutMs?: number;
}

export interface CallInput<R extends Route> {
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Payload<R['body']>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Digest of a bytes body where it is known (`sha-256:…`). */
  readonly bodyDigest?: string;
  /** Takes a bytes answer of this length; undefined: it gets memory of its own. */
  readonly memoryFor?: (bytes: number) => BodyMemory | undefined;
  /** Digest of a bytes answer that the caller expects and proves itself: it is not computed twice. */
  readonly expectedDigest?: string;
  /** Added to the timeout: how long the platform may hold the answer back. */
  readonly waitMs?: number;
}

export interface PlatformClient {
  readonly url: string;
  /**
   * Calls one route and answers its typed payload. Throws the platform's own coded error, or
   * QZ_CLIENT_UNREACHABLE, _TIMEOUT, _NOT_A_PLATFORM, _RESPONSE_UNTRUSTED (all retryable), or kind cancelled.
   */
  call<R extends Route>(route: R, input: CallInput<R>, signal?: AbortSignal): Promise<Payload<R['response']>>;
  /**
   * Calls a route that answers a stream; the deadline is `stallMs` without a byte. What goes wrong while the body is read is thrown there
   * as `call` throws it. The body must be read to its end or left by `return`.
   */
  open<R extends Route & { readonly response: 'stream' }>(
    route: R,
    input: CallInput<R>,
    signal: AbortSignal,
  ): Promise<StreamedAnswer>;
  /** What opens a WebSocket on a route: its address, and the headers of a signed request with their nonce. For agents. */
  upgrade(route: Route, query?: Query): Promise<Upgrade>;
  close(): Promise<void>;
}

export interface StreamedAnswer {
  readonly status: number;
  readonly headers: HttpAnswer['headers'];
  readonly body: AsyncIterable<Uint8Array>;
}

const STALL_MS = 30_000;

export interface Upgrade {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly nonce: string;
}

const JSON_TYPE = 'application/json';
const BYTES_TYPE = 'application/octet-stream';
const NO_BODY = new Uint8Array(0);

/** Throws QZ_CLIENT_ADDRESS_WRONG for what is no address. */
export function createClient(options: ClientOptions): PlatformClient {
  if (!isPlatformAddress(options.url))
    throw clientErrors.ADDRESS_WRONG({ url: shownAddress(options.url), shape: addressShape });
  const root = options.url.replace(/\/+$/, '') + API_ROOT;
  const now = options.now ?? (() => new Date());
  const timeoutMs = options.timeoutMs ?? 30_000;
  const http = createHttp(root, options.socketPath);

  async function call<R extends Route>(
    route: R,
    input: CallInput<R>,
    signal?: AbortSignal,
  ): Promise<Payload<R['response']>> {
    const name = `${route.method} ${route.path}`;
    const target = targetOf(route, input.params, input.query);
    const body = encodeBody(route, input.body);
    const contentType = route.body === 'bytes' ? BYTES_TYPE : JSON_TYPE;
    const headers: Record<string, string> = {
      'content-type': contentType,
      accept: `${JSON_TYPE}, application/problem+json, ${BYTES_TYPE}`,
      ...input.headers,
    };
    const nonce = await addIdentity(headers, {
      method: route.method,
      target,
      contentType,
      body,
      bodyDigest: input.bodyDigest,
    });
    const deadline = timeoutMs + (input.waitMs ?? 0);
    const memoryFor = route.response === 'bytes' ? input.memoryFor : undefined;
    const waits = (input.waitMs ?? 0) > 0;
    const outgoing = { method: route.method, headers, body, memoryFor, waits };
    const answer = await exchange(root + target, outgoing, deadline, signal, name);
    if (nonce !== undefined) await believe(answer, nonce, name, input.expectedDigest);
    if (answer.status >= 400) throw problemOf(answer, root);
    if (route.response === 'bytes') return answer.body as Payload<R['response']>;
    return parseJson(answer, root) as Payload<R['response']>;
  }

  async function open<R extends Route>(
    route: R,
    input: CallInput<R>,
    signal: AbortSignal,
  ): Promise<StreamedAnswer> {
    const name = `${route.method} ${route.path}`;
    const target = targetOf(route, input.params, input.query);
    const accept = `${BYTES_TYPE}, application/problem+json`;
    const outgoing = {
      method: route.method,
      headers: { accept, ...input.headers },
      body: NO_BODY,
      memoryFor: undefined,
    };
    const stallMs = options.timeoutMs ?? STALL_MS;
    const failed = (cause: unknown) => {
      throwIfCancelled(signal, name);
      return clientErrors.UNREACHABLE({ url: options.url, reason: systemReason(cause) }, cause);
    };
    const answer = await http.open(root + target, outgoing, stallMs, signal).catch((cause) => {
      throw failed(cause);
    });
    if (answer.status >= 400) {
      const pieces: Uint8Array[] = [];
      for await (const piece of answer.body) pieces.push(piece);
      throw problemOf({ ...answer, body: Buffer.concat(pieces) }, root);
    }
    async function* body() {
      try {
        yield* answer.body;
      } catch (cause) {
        throw failed(cause);
      }
    }
    return { status: answer.status, headers: answer.headers, body: body() };
  }

  async function addIdentity(
    headers: Record<string, string>,
    outgoing: {
      method: string;
      target: string;
      contentType: string;
      body: Uint8Array;
      bodyDigest: string | undefined;
    },
  ): Promise<string | undefined> {
    const { identity } = options;
    if (identity.kind === 'anonymous') return undefined;
    if (identity.kind === 'person') {
      headers.authorization = `Bearer ${identity.token}`;
      return undefined;
    }
    const fence = identity.fence();
    if (fence !== undefined) headers[FENCE_HEADER] = String(fence);
    const signed = signRequest(outgoing, identity.key, identity.audience, now());
    Object.assign(headers, signed.headers);
    return signed.nonce;
  }

  async function exchange(
    url: string,
    outgoing: HttpRequest,
    deadlineMs: number,
    signal: AbortSignal | undefined,
    name: string,
  ): Promise<HttpAnswer> {
    const timed = withinTime(deadlineMs, signal);
    try {
      return await http.exchange(url, outgoing, timed.signal);
    } catch (cause) {
      throwIfCancelled(signal, name);
      if (timed.late)
        throw clientErrors.TIMEOUT({ url: options.url, timeoutMs: deadlineMs, route: name }, cause);
      throw clientErrors.UNREACHABLE({ url: options.url, reason: systemReason(cause) }, cause);
    } finally {
      timed.done();
    }
  }

  async function believe(
    answer: HttpAnswer,
    nonce: string,
    name: string,
    expectedDigest: string | undefined,
  ): Promise<void> {
    if (options.identity.kind !== 'agent') return;
    try {
      await verifyResponse({ ...answer, expectedDigest }, nonce, options.identity.platformKeys(), now());
    } catch (cause) {
      // A wrong clock says so; everything else may be a gateway's answer. All are tried again.
      if (isQianzhiError(cause, 'QZ_CLIENT_CLOCK_SKEW')) throw cause;
      const reason = isQianzhiError(cause) ? `${cause.code}, HTTP ${answer.status}` : `HTTP ${answer.status}`;
      throw clientErrors.RESPONSE_UNTRUSTED({ route: name, reason }, cause);
    }
  }

  async function upgrade(route: Route, query?: Query): Promise<Upgrade> {
    const target = targetOf(route, {}, query);
    const headers: Record<string, string> = { 'content-type': JSON_TYPE };
    const outgoing = {
      method: route.method,
      target,
      contentType: JSON_TYPE,
      body: NO_BODY,
      bodyDigest: undefined,
    };
    const nonce = await addIdentity(headers, outgoing);
    if (nonce === undefined) throw new TypeError(`${route.path} is opened by agents`);
    return { url: `${root.replace(/^http/, 'ws')}${target}`, headers, nonce };
  }

  return { url: options.url, call, open, upgrade, close: http.close };
}

function encodeBody(route: Route, body: unknown): Uint8Array {
  if (route.body === undefined) return NO_BODY;
  if (route.body === 'bytes') return body as Uint8Array;
  return new TextEncoder().encode(JSON.stringify(body));
}

function parseJson(answer: HttpAnswer, url: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(answer.body));
  } catch (cause) {
    throw clientErrors.NOT_A_PLATFORM(
      { url, status: answer.status, contentType: String(answer.headers['content-type'] ?? '') },
      cause,
    );
  }
}

function problemOf(answer: HttpAnswer, url: string): Error {
  const problem = parseJson(answer, url) as Problem;
  if (typeof problem?.code === 'string' && problem.texts?.zh && problem.texts.en) return fromProblem(problem);
  return clientErrors.NOT_A_PLATFORM({
    url,
    status: answer.status,
    contentType: String(answer.headers['content-type'] ?? ''),
  });
}
