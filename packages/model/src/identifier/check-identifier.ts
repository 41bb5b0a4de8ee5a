import type { IdentifierScheme } from '../catalog/item.js';
import { isCitizenId } from './citizen-id.js';
import { isOrgCode } from './org-code.js';
import { isRegNo } from './reg-no.js';
import { isUscc } from './uscc.js';

const checks = {
  citizenId: isCitizenId,
  uscc: isUscc,
  regNo: isRegNo,
  orgCode: isOrgCode,
} satisfies Record<IdentifierScheme, (text: string) => boolean>;

/** Whether `text` is valid under the scheme, exactly as written: no trimming, no change of case. Never throws. */
export function checkIdentifier(scheme: IdentifierScheme, text: string): boolean {
  return checks[scheme](text);
}
