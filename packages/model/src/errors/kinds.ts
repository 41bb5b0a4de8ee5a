/**
 * What kind of failure it is decides what everyone does about it (design: errors).
 * `retry`: `never` – a person must act; `backoff` – try again with growing pauses until it works;
 * `capped` – try again a limited number of times, then stop.
 */
export interface ErrorKindRule {
  readonly http: number;
  readonly exit: number;
  readonly retry: 'never' | 'backoff' | 'capped';
}

export const errorKinds = {
  config: { http: 400, exit: 2, retry: 'never' },
  auth: { http: 401, exit: 3, retry: 'never' },
  denied: { http: 403, exit: 4, retry: 'never' },
  'not-found': { http: 404, exit: 5, retry: 'never' },
  conflict: { http: 409, exit: 6, retry: 'never' },
  unavailable: { http: 503, exit: 7, retry: 'backoff' },
  timeout: { http: 504, exit: 7, retry: 'backoff' },
  data: { http: 422, exit: 8, retry: 'never' },
  integrity: { http: 500, exit: 9, retry: 'never' },
  cancelled: { http: 499, exit: 130, retry: 'never' },
  internal: { http: 500, exit: 1, retry: 'capped' },
} as const satisfies Record<string, ErrorKindRule>;

export type ErrorKind = keyof typeof errorKinds;
