import type { CheckNote, CheckReport } from '@qianzhi/plugin-api';
import { listRemote } from './files.js';
import type { Server } from './server.js';

/** What was proven of the server: whose key it has, that it lets this user in, what the folder holds. Nothing is written. */
export async function checkServer(server: Server, signal: AbortSignal): Promise<CheckReport> {
  const { host, port, user, folder, verify } = server.config;
  const files = await listRemote(server, folder, signal);
  const count = files.filter(({ kind }) => kind === 'file').length;
  const notes: CheckNote[] = [
    {
      level: 'ok',
      zh: `主机公钥与 hostFingerprint 一致,用户 ${user} 已登录`,
      en: `the host key is the pinned one, ${user} is logged in`,
    },
    {
      level: 'ok',
      zh: `文件夹 ${folder} 可读,有 ${count} 个文件`,
      en: `folder ${folder} can be read and holds ${count} files`,
    },
  ];
  if (verify === 'size') {
    notes.push({
      level: 'warning',
      zh: 'verify: size 只核对大小,不读回比对摘要',
      en: '`verify: size` compares sizes only; what was written is not read back',
    });
  }
  return { server: `sftp ${host}:${port}`, version: 'SFTP 3', notes };
}
