import type { Finding, ResourceResult, Verdict } from './verdict.js';

/** What `demo --json` prints, and nothing else; `found` only where something is wrong. */
export interface DemoResult {
  readonly ok: boolean;
  readonly resources: readonly ResourceResult[];
  readonly receiptsVerified: number;
  readonly deniedBeforeApproval: boolean;
  readonly grantedItemsOnly: boolean;
  readonly changesTravelled: number;
  readonly durationMs: number;
  readonly found?: readonly Finding[];
}

export function resultOf(
  verdict: Verdict,
  deniedBeforeApproval: boolean,
  more: readonly Finding[],
  durationMs: number,
): DemoResult {
  const found = [...more, ...verdict.found];
  const { resources, receiptsVerified, grantedItemsOnly, changesTravelled } = verdict;
  const ok = found.length === 0 && deniedBeforeApproval && grantedItemsOnly;
  return {
    ok,
    resources,
    receiptsVerified,
    deniedBeforeApproval,
    grantedItemsOnly,
    changesTravelled,
    durationMs,
    ...(found.length > 0 && { found }),
  };
}
