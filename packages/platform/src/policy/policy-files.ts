import { readdir, readFile } from 'node:fs/promises';
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
  readUtf8,
  systemReason,
} from '@qianzhi/model';
import { parseYaml } from '@qianzhi/model/yaml';
import { policyErrors } from './errors.js';

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

/**
 * Files of profiles in folders, by name; of two with the same name the one in the folder named first. Throws
 * QZ_PLATFORM_POLICY_UNREADABLE, or QZ_PLATFORM_POLICY_NONE for a folder without any.
 */
export async function policyFilesIn(...folders: readonly string[]): Promise<string[]> {
  const files = new Map<string, string>();
  for (const folder of folders) {
    const names = await readdir(folder).catch((cause: unknown) => {
      throw policyErrors.POLICY_UNREADABLE({ file: folder, reason: systemReason(cause) }, cause);
    });
    const own = names.filter((name) => name.endsWith(ending));
    if (own.length === 0) throw policyErrors.POLICY_NONE({ folder });
    for (const name of own) if (!files.has(name)) files.set(name, join(folder, name));
  }
  return [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
}

/** The file of a profile named by its id in `folders`, or by a path. Throws QZ_PLATFORM_POLICY_UNKNOWN. */
export async function policyFileOf(name: string, ...folders: readonly string[]): Promise<string> {
  return name.endsWith(ending) || name.includes('/') ? name : policyFileOfId(name, ...folders);
}

/** The same by the id alone. */
export async function policyFileOfId(name: string, ...folders: readonly string[]): Promise<string> {
  const files = await policyFilesIn(...folders);
  const found = files.find((file) => idOf(file) === name);
  if (found) return found;
  const known = files.map(idOf).join(', ');
  throw policyErrors.POLICY_UNKNOWN({ name, folder: folders.join(', '), known });
}

/** A profile without faults. Throws QZ_PLATFORM_POLICY_WRONG for the first fault, with file, line and place. */
export async function readPolicy(name: string, ...folders: readonly string[]): Promise<PolicyProfile> {
  const read = await checkPolicyFile(await policyFileOf(name, ...folders));
  if ('profile' in read) return read.profile;
  throw read.findings[0]!.error;
}

/** Throws QZ_PLATFORM_POLICY_UNREADABLE where the file cannot be read. */
export async function checkPolicyFile(file: string): Promise<PolicyFile> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw policyErrors.POLICY_UNREADABLE({ file, reason: systemReason(cause) }, cause);
  });
  const read = readUtf8(bytes);
  if ('text' in read) return checkPolicyText(read.text, file);
  const problem = { zh: '不是 UTF-8 文本(可能是 GBK)', en: 'it is not UTF-8 text (it may be GBK)' };
  return { file, findings: [finding(file, read.wrongLine, { where: '/', problem })] };
}

/** The same of a text; `file` is what it is called, `-` for one without a name. */
export function checkPolicyText(text: string, file: string): PolicyFile {
  const parsed = parseYaml(text);
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
  return { file, line, where, error: policyErrors.POLICY_WRONG({ file, line, where, problem }) };
}
