import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Longest path a Unix socket may have on every system we run on. */
const MAX_SOCKET_PATH = 100;

/** Where the agent of a state folder listens: in the folder itself, a named pipe on Windows. */
export function controlSocket(stateDir: string): string {
  const name = createHash('sha256').update(stateDir).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\qianzhi-${name}`;
  const path = join(stateDir, 'control.sock');
  return path.length <= MAX_SOCKET_PATH ? path : join(tmpdir(), `qianzhi-${name}.sock`);
}
