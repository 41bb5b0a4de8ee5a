import { checkShape, type Payload, type Route } from '@qianzhi/model';
import { platformErrors } from '../errors.js';
import { queryOf } from './query.js';
import { refuseNul } from './refuse-nul.js';

/** What a request brings, as it came. */
export interface UntypedParts {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** A request's parts in the shapes of its route, defaults filled in. Throws QZ_MODEL_SHAPE_WRONG or QZ_PLATFORM_REQUEST_MALFORMED. */
export function typedParts(route: Route, { params, query, body }: UntypedParts) {
  const name = `${route.method} ${route.path}`;
  refuseNul(params, `${name} params`);
  refuseNul(query, `${name} query`);
  refuseNul(body, name);
  const named = params as Readonly<Record<string, string>>;
  return {
    param(key: string): string {
      const value = named[key];
      if (value === undefined) throw new TypeError(`${name} has no parameter ${key}`);
      return value;
    },
    query: typedQuery(route, query),
    body: typedBody(route, body, name),
  };
}

export function typedQuery(route: Route, query: unknown): unknown {
  return route.query ? queryOf(route.query, query, `${route.method} ${route.path}`) : {};
}

function typedBody(route: Route, body: unknown, name: string): Payload<Route['body']> {
  if (route.body === undefined) return undefined;
  if (route.body !== 'bytes') return checkShape(route.body, body, name) as Payload<Route['body']>;
  if (body instanceof Uint8Array) return body;
  throw platformErrors.REQUEST_MALFORMED({ route: name, problem: 'content-type' });
}
