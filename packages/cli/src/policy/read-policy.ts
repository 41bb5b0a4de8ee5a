import type { PolicyProfile } from '@qianzhi/model';
import { checkPolicyFile, checkPolicyText, type PolicyFile, policyFileOf } from '@qianzhi/platform/policy';
import { readInput } from '../input.js';

/** A profile by id, file or `-` for standard input, or all that is wrong with it. */
export async function checkPolicy(name: string, folder: string): Promise<PolicyFile> {
  if (name === '-') return checkPolicyText(await readInput(name), name);
  return checkPolicyFile(await policyFileOf(name, folder));
}

/** A profile without faults. Throws QZ_PLATFORM_POLICY_WRONG for the first fault, with file, line and place. */
export async function readPolicy(name: string, folder: string): Promise<PolicyProfile> {
  const read = await checkPolicy(name, folder);
  if ('profile' in read) return read.profile;
  throw read.findings[0]!.error;
}
