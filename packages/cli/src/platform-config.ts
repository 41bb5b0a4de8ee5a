import { dirname, resolve } from 'node:path';
import { agentErrors, readDocument, resolveSecrets } from '@qianzhi/agent/config';
import { checkShape, isQianzhiError, type QianzhiError } from '@qianzhi/model';
import { type PlatformConfig, PlatformConfigSchema } from '@qianzhi/platform';
import { cliErrors } from './errors.js';

/** platform.yaml, checked, its secrets filled in, its data folder resolved against the file's own. Throws QZ_CLI_PLATFORM_CONFIG_MISSING or
 * QZ_AGENT_CONFIG_* naming the line. */
export async function readPlatformConfig(path: string): Promise<PlatformConfig> {
  const file = resolve(path);
  const document = await readDocument(file).catch((error: unknown) => {
    if (!isQianzhiError(error)) throw error;
    if (error.code === 'QZ_AGENT_CONFIG_MISSING') throw cliErrors.PLATFORM_CONFIG_MISSING({ file }, error);
    throw wrong(file, error);
  });
  try {
    const value = resolveSecrets(document, dirname(file), process.env, (error) => {
      throw wrong(file, error);
    });
    const config = checkShape(PlatformConfigSchema, value, 'platform.yaml');
    const { dataDir, packages, policy } = config;
    const own = (path: string) => resolve(dirname(file), path);
    return {
      ...config,
      dataDir: own(dataDir),
      ...(policy?.folder !== undefined && { policy: { ...policy, folder: own(policy.folder) } }),
      ...(packages && { packages: { ...packages, in: own(packages.in), out: own(packages.out) } }),
    };
  } catch (error) {
    if (!isQianzhiError(error, 'QZ_MODEL_SHAPE_WRONG')) throw error;
    const { where, problem } = error.details;
    const line = document.lineOf(String(where));
    throw wrong(file, agentErrors.CONFIG_WRONG({ file, line, where, problem }, error));
  }
}

/** The same finding as of agent.yaml, with the command that checks this file. */
function wrong(file: string, { code, details, texts }: QianzhiError): QianzhiError {
  // what to do about a secret is the same in every file
  const told = ({ message, hint }: { message: string; hint: string }) =>
    code.startsWith('QZ_AGENT_SECRET_') ? `${message} (${hint})` : message;
  const problem = { zh: told(texts.zh), en: told(texts.en) };
  return cliErrors.PLATFORM_CONFIG_WRONG({ ...details, file, problem });
}

export async function checkPlatformConfig(
  file: string,
): Promise<readonly { readonly line: number; readonly where: string; readonly error: QianzhiError }[]> {
  try {
    await readPlatformConfig(file);
    return [];
  } catch (error) {
    if (!isQianzhiError(error)) throw error;
    return [{ line: Number(error.details.line ?? 1), where: String(error.details.where ?? '/'), error }];
  }
}
