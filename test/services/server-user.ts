import { readFile } from 'node:fs/promises';

export interface UnixUser {
  readonly uid: number;
  readonly gid: number;
}

/** Database servers refuse to run as root: who they run as then. Undefined where we are not root. */
export async function serverUser(): Promise<UnixUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (!found) throw new Error('running as root, and there is no user postgres or nobody to run a server as');
  return { uid: Number(found[2]), gid: Number(found[3]) };
}
