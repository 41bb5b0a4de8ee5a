import type { Static, TSchema } from '@sinclair/typebox';

/** Roles of persons; duties are separated: who applies never approves, who administers sees no data. */
export const roles = [
  'system-admin',
  'security-officer',
  'department-admin',
  'catalog-editor',
  'approver',
  'operator',
  'consumer',
  'auditor',
] as const;
export type Role = (typeof roles)[number];

/**
 * Who may call a route. `public`: anyone; `agent`: a request signed by an enrolled agent's key; roles: a person signed in
 * with one of them. Which department's data the caller may touch is the service's check, on every call.
 */
export type Access = 'public' | 'agent' | readonly Role[];

type Body = TSchema | 'bytes' | undefined;
/** `stream`: bytes in any number, larger than memory perhaps. */
type Answer = Body | 'stream';

/**
 * One route of the platform API, below the API root `/api/v1`. The same table makes the server's routes, the
 * client's calls, the OpenAPI document and the access tests. `{name}` in `path` is a parameter.
 */
export interface Route<
  B extends Body = Body,
  Q extends TSchema | undefined = TSchema | undefined,
  R extends Answer = Answer,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly access: Access;
  readonly summary: string;
  readonly body: B;
  readonly query: Q;
  /** Of JSON larger than usual (1 MiB), the most bytes; undefined elsewhere. */
  readonly maxBytes?: number | undefined;
  /** Media: JSON of this schema, `bytes` or `stream` (application/octet-stream). */
  readonly response: R;
}

export type Payload<B extends Answer> = B extends TSchema
  ? Static<B>
  : B extends 'bytes' | 'stream'
    ? Uint8Array
    : undefined;

export function route<
  B extends Body = undefined,
  Q extends TSchema | undefined = undefined,
  R extends Answer = undefined,
>(spec: {
  method: Route['method'];
  path: string;
  access: Access;
  summary: string;
  body?: B;
  query?: Q;
  response?: R;
  maxBytes?: number;
}): Route<B, Q, R> {
  return { ...spec, body: spec.body as B, query: spec.query as Q, response: spec.response as R };
}

export const API_ROOT = '/api/v1';
