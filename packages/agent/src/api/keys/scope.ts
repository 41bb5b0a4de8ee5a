import { ResourceCodeSchema } from '@qianzhi/model';
import { agentErrors } from '../../errors.js';

export const scopeActions = ['push', 'read', 'query'] as const;
export type ScopeAction = (typeof scopeActions)[number];

/** `push:firm`: what a key may do with which resource; `*` stands for every resource. */
export type Scope = `${ScopeAction}:${string}`;

const CODE = new RegExp(ResourceCodeSchema.pattern!);

/** Throws QZ_AGENT_API_SCOPE_WRONG. */
export function parseScope(text: string): Scope {
  const [action, resource, ...more] = text.split(':');
  const known = scopeActions.some((one) => one === action);
  const place = resource === '*' || (resource !== undefined && CODE.test(resource));
  if (!known || !place || more.length > 0) throw agentErrors.API_SCOPE_WRONG({ scope: text });
  return text as Scope;
}

/** Nothing but what a scope says. */
export function allows(scopes: readonly string[], action: ScopeAction, resource: string): boolean {
  return scopes.includes(`${action}:${resource}`) || scopes.includes(`${action}:*`);
}
