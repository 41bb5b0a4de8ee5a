import { stat, statfs } from 'node:fs/promises';
import { agentErrors } from '../errors.js';
import { proveStateDir } from '../state-dir.js';
import { type DoctorFinding, failed, ok, warning } from './finding.js';

const NODE_WANTED = '20.19';
const MiB = 1024 * 1024;
/** Below this nothing of use can be sealed any more. */
const LEAST_FREE = 256 * MiB;

export function checkNode(version: string): DoctorFinding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    return failed('node', agentErrors.NODE_OLD({ found: version, wanted: NODE_WANTED }));
  }
  return ok('node', `Node.js ${version}`, `Node.js ${version}`);
}

/** Throws QZ_AGENT_STATE_DIR_UNWRITABLE. */
export async function checkStateDir(stateDir: string): Promise<DoctorFinding> {
  await proveStateDir(stateDir);
  const tooOpen = await openToOthers(stateDir, '700');
  if (tooOpen) return warning('state-dir', tooOpen);
  return ok('state-dir', `状态目录 ${stateDir} 可写`, `the state folder ${stateDir} is writable`);
}

/** The coded error for a path that others may enter, read or write; none on systems without file modes. */
export async function openToOthers(path: string, wanted: '600' | '700') {
  if (process.platform === 'win32') return undefined;
  const mode = (await stat(path)).mode & 0o777;
  if ((mode & 0o077) === 0) return undefined;
  return agentErrors.STATE_FILE_OPEN({ path, mode: mode.toString(8), wanted });
}

/** Warns when the outbox could not grow to its limit, fails when hardly anything fits. */
export async function checkSpace(stateDir: string, outboxBytes: number): Promise<DoctorFinding> {
  const { bavail, bsize } = await statfs(stateDir);
  return judgeSpace(stateDir, bavail * bsize, outboxBytes);
}

export function judgeSpace(stateDir: string, free: number, outboxBytes: number): DoctorFinding {
  const about = (wanted: number) => ({
    stateDir,
    freeMiB: Math.floor(free / MiB),
    wantedMiB: Math.ceil(wanted / MiB),
  });
  if (free < LEAST_FREE) return failed('space', agentErrors.SPACE_OUT(about(LEAST_FREE)));
  if (free < outboxBytes) return warning('space', agentErrors.SPACE_LOW(about(outboxBytes)));
  const freeMiB = Math.floor(free / MiB);
  return ok('space', `磁盘可用 ${freeMiB} MiB`, `${freeMiB} MiB free on the disk`);
}
