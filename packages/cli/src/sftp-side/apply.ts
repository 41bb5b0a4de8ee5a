import { execFile } from 'node:child_process';
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { systemReason } from '@qianzhi/model';
import { sftpErrors } from './errors.js';
import type { Step } from './plan.js';

const run = promisify(execFile);

/** Does the steps in order; each may be done before. Throws QZ_CLI_SFTP_NOT_ROOT or _SFTP_STEP_FAILED naming the step. */
export async function applySteps(steps: readonly Step[]): Promise<void> {
  if (userInfo().uid !== 0) throw sftpErrors.SFTP_NOT_ROOT({});
  for (const step of steps) {
    try {
      await applyOne(step);
    } catch (error) {
      const what = step.kind === 'run' ? step.argv.join(' ') : step.path;
      throw sftpErrors.SFTP_STEP_FAILED({ what, reason: systemReason(error) }, error);
    }
  }
}

async function applyOne(step: Step): Promise<void> {
  if (step.kind === 'run') {
    if (step.unless && (await succeeds(step.unless))) return;
    await run(step.argv[0]!, step.argv.slice(1));
    return;
  }
  const { path, owner, mode } = step;
  if (step.kind === 'folder') await mkdir(path, { recursive: true });
  else {
    await writeFile(`${path}.new`, step.text, { mode: 0o600 });
    await rename(`${path}.new`, path);
  }
  await run('chown', [owner, path]);
  await chmod(path, Number.parseInt(mode, 8));
}

async function succeeds([program, ...args]: readonly string[]): Promise<boolean> {
  try {
    await run(program!, args);
    return true;
  } catch (error) {
    // the exit code is the answer: 2 of getent is "there is none"
    if (typeof (error as { code?: unknown }).code === 'number') return false;
    throw error;
  }
}
