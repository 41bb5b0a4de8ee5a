import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  checkPolicyProfile,
  checkShape,
  isQianzhiError,
  type LocalText,
  type PolicyFinding,
  type PolicyProfile,
  PolicyProfileSchema,
  type QianzhiError,
  systemReason,
} from '@qianzhi/model';
import { cliErrors } from '../errors.js';
import { readInput } from '../input.js';

/** The profiles that come with the program. */
export const shippedProfiles = fileURLToPath(new URL('../../../../config/policy', import.meta.url));

const ending = '.yaml';

/** What a file of a profile holds, or all that is wrong with it. */
export type PolicyFile = { readonly file: string } & (
  | { readonly profile: PolicyProfile }
  | { readonly findings: readonly PolicyFileFinding[] }
);

export interface PolicyFileFinding {
  readonly file: string;
  readonly line: number;
  /** JSON pointer, `/replyDays/conditional`; `/` for the file as a whole. */
  readonly where: string;
  readonly error: QianzhiError;
}

/** Files of profiles in a folder by name. Throws QZ_CLI_FILE_UNREADABLE, or QZ_CLI_POLICY_NONE where there is none. */
export async function policyFilesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw cliErrors.FILE_UNREADABLE({ file: folder, reason: systemReason(cause) }, cause);
  });
  const files = names.filter((name) => name.endsWith(ending)).sort();
  if (files.length === 0) throw cliErrors.POLICY_NONE({ folder });
  return files.map((name) => join(folder, name));
}

/** The file of a profile named by its id in `folder`, or by a path. Throws QZ_CLI_POLICY_UNKNOWN. */
export async function policyFileOf(name: string, folder: string): Promise<string> {
  if (name.endsWith(ending) || name.includes('/')) return name;
  const files = await policyFilesIn(folder);
  const found = files.find((file) => idOf(file) === name);
  if (found) return found;
  throw cliErrors.POLICY_UNKNOWN({ name, folder, known: files.map(idOf).join(', ') });
}

/** A profile without faults. Throws QZ_CLI_POLICY_WRONG for the first fault, with file, line and place. */
export async function readPolicy(name: string, folder: string): Promise<PolicyProfile> {
  const read = await checkPolicyFile(await policyFileOf(name, folder));
  if ('profile' in read) return read.profile;
  throw read.findings[0]!.error;
}

/** Throws only where the file cannot be read: QZ_CLI_FILE_MISSING, _FILE_UNREADABLE, _FILE_WRONG for other than UTF-8. */
export async function checkPolicyFile(file: string): Promise<PolicyFile> {
  const { parseYaml } = await import('@qianzhi/agent/yaml');
  const parsed = parseYaml(await readInput(file));
  if ('problem' in parsed) {
    const { line, problem } = parsed;
    return { file, findings: [finding(file, line, { where: '/', problem })] };
  }
  const checked = checkValue(parsed.value, file);
  if ('profile' in checked) return { file, profile: checked.profile };
  return { file, findings: checked.findings.map((one) => finding(file, parsed.lineOf(one.where), one)) };
}

function checkValue(
  value: unknown,
  file: string,
): { readonly profile: PolicyProfile } | { readonly findings: readonly PolicyFinding[] } {
  try {
    const profile = checkShape(PolicyProfileSchema, value, 'PolicyProfile');
    const findings = [...namedAsFile(profile, file), ...checkPolicyProfile(profile)];
    return findings.length === 0 ? { profile } : { findings };
  } catch (error) {
    if (!isQianzhiError(error, 'QZ_MODEL_SHAPE_WRONG')) throw error;
    const { where, problem } = error.details as { where: string; problem: LocalText };
    return { findings: [{ where, problem }] };
  }
}

/** Profiles are found by the names of their files, so both must be the same. */
function namedAsFile({ id }: PolicyProfile, file: string): PolicyFinding[] {
  if (file === '-' || idOf(file) === id) return [];
  const problem = { zh: `应与文件名 ${idOf(file)} 相同`, en: `must be the name of its file, ${idOf(file)}` };
  return [{ where: '/id', problem }];
}

const idOf = (file: string): string => basename(file, ending);

function finding(file: string, line: number, { where, problem }: PolicyFinding): PolicyFileFinding {
  return { file, line, where, error: cliErrors.POLICY_WRONG({ file, line, where, problem }) };
}
