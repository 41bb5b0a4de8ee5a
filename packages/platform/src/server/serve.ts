import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Payload, Route } from '@qianzhi/model';
import type { Static, TSchema } from '@qianzhi/model/schema';
import type { WebSocket } from 'ws';
import type { AgentCaller, Caller, PersonCaller, PublicCaller } from './caller.js';

/** One call after access, signature and shape were found right; defaults are filled in. */
export interface ApiRequest<R extends Route, C extends Caller> {
  readonly caller: C;
  /** A `{name}` of the path, decoded. */
  param(name: string): string;
  readonly query: R['query'] extends TSchema ? Static<R['query']> : Record<string, never>;
  readonly body: Payload<R['body']>;
  readonly headers: IncomingHttpHeaders;
  /** The connection comes from it: the caller's, or that of a gateway in between. What headers say of it is not believed. */
  readonly address: string;
  /** Digest of a signed body, proven. */
  readonly bodyDigest: string | undefined;
  /** Told before a bytes answer is given: its digest, which the handler has proven. */
  answerDigest(digest: string): void;
  /** Adds ids and counts to the log line of this request; never a value or a secret. */
  note(facts: object): void;
  /** Aborted when the caller is gone or the platform stops. */
  readonly signal: AbortSignal;
}

/** Bytes of any number. Destroying `body` cuts the connection: the caller sees that it has not all. */
export interface StreamAnswer {
  readonly status: 200 | 206;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

export type Handler<R extends Route, C extends Caller> = (
  request: ApiRequest<R, C>,
) => Promise<R['response'] extends 'stream' ? StreamAnswer : Payload<R['response']>>;

/** A connection that an agent's signed request was upgraded to. */
export interface AgentSocket {
  readonly caller: AgentCaller;
  readonly socket: WebSocket;
  /** Nonce of the request. */
  readonly nonce: string;
  readonly fence: number;
  /** In the shape of the route's. */
  readonly query: unknown;
  /** As of a request. */
  readonly address: string;
}

/**
 * Where features bind the routes of the model's tables. A route outside the tables, bound twice, or bound under
 * another access than its own is refused when the platform starts: nothing is reachable that the tables do not name.
 */
export interface Api {
  serveAgent<R extends Route>(route: R, handle: Handler<R, AgentCaller>): void;
  /** Takes connections of a route that upgrades; a plain request of it is refused. */
  serveSocket(route: Route, take: (agent: AgentSocket) => void): void;
  servePerson<R extends Route>(route: R, handle: Handler<R, PersonCaller>): void;
  servePublic<R extends Route>(route: R, handle: Handler<R, PublicCaller>): void;
}
