import type { KeyRecord, Role } from '@qianzhi/model';

/** An enrolled agent whose signature, nonce and fence were found right. */
export interface AgentCaller {
  readonly kind: 'agent';
  readonly agent: string;
  readonly department: string;
  readonly key: KeyRecord;
}

/** A person with a live session; `department` is null for platform-wide roles. */
export interface PersonCaller {
  readonly kind: 'person';
  readonly account: string;
  readonly department: string | null;
  readonly roles: readonly Role[];
}

export interface PublicCaller {
  readonly kind: 'public';
}

export type Caller = AgentCaller | PersonCaller | PublicCaller;

/** How a caller is named in audit and log. */
export function callerName(caller: Caller): string {
  if (caller.kind === 'agent') return `agent:${caller.agent}`;
  return caller.kind === 'person' ? `person:${caller.account}` : 'public';
}

export function hasRole(caller: PersonCaller, ...wanted: readonly Role[]): boolean {
  return wanted.some((role) => caller.roles.includes(role));
}
