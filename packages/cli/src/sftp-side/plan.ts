import { join } from 'node:path';

export interface SftpSide {
  /** Folder that holds one chroot per department; root's own up to the top, as sshd demands. */
  readonly root: string;
  readonly departments: readonly string[];
  /** Public keys by department, as in authorized_keys; those of a department that is not in it stay as they are. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  readonly group: string;
}

/** One step: what is run or written, by whom it can be read before. */
export type Step =
  | { readonly kind: 'run'; readonly argv: readonly string[]; readonly unless?: readonly string[] }
  | { readonly kind: 'folder'; readonly path: string; readonly owner: string; readonly mode: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly owner: string;
      readonly mode: string;
      readonly text: string;
    };

export const userOf = (department: string) => `qz-${department}`;

/**
 * What makes the platform's SFTP side by OpenSSH: a system user without shell for each department, a chroot that belongs to root, and in it
 * the two folders that belong to the department's user. `in` is what the department puts for us, `out` what it takes.
 */
export function planSftpSide({ root, departments, keys, group }: SftpSide): Step[] {
  const steps: Step[] = [
    { kind: 'run', argv: ['groupadd', '--system', group], unless: ['getent', 'group', group] },
    { kind: 'folder', path: root, owner: 'root:root', mode: '0755' },
    { kind: 'folder', path: join(root, '.keys'), owner: 'root:root', mode: '0755' },
  ];
  for (const department of departments) {
    const user = userOf(department);
    const home = join(root, user);
    // a password of `*` fits nothing; without one sshd takes the account for locked where it goes without PAM
    const shell = ['--shell', '/usr/sbin/nologin', '--no-create-home', '--home-dir', '/', '--password', '*'];
    steps.push(
      {
        kind: 'run',
        argv: ['useradd', '--system', '--gid', group, ...shell, user],
        unless: ['getent', 'passwd', user],
      },
      { kind: 'folder', path: home, owner: 'root:root', mode: '0755' },
      { kind: 'folder', path: join(home, 'in'), owner: `${user}:${group}`, mode: '0750' },
      { kind: 'folder', path: join(home, 'out'), owner: `${user}:${group}`, mode: '0750' },
    );
    const own = keys.get(department);
    if (!own) continue;
    steps.push({
      kind: 'file',
      path: join(root, '.keys', user),
      owner: 'root:root',
      mode: '0644',
      text: own.map((key) => `restrict ${key}\n`).join(''),
    });
  }
  return steps;
}

/** To be included in sshd_config, or a whole one's part: nothing but SFTP, inside the chroot, by key. */
export function sshdSnippet({ root, group }: Pick<SftpSide, 'root' | 'group'>): string {
  return [
    `# qianzhi: 各部门只能以 SFTP 进入自己的文件夹 / each department reaches its own folder by SFTP, and nothing else`,
    `Match Group ${group}`,
    `    ChrootDirectory ${join(root, '%u')}`,
    `    AuthorizedKeysFile ${join(root, '.keys', '%u')}`,
    '    AuthenticationMethods publickey',
    '    PasswordAuthentication no',
    '    ForceCommand internal-sftp -u 0027 -l INFO',
    '    AllowTcpForwarding no',
    '    AllowAgentForwarding no',
    '    AllowStreamLocalForwarding no',
    '    X11Forwarding no',
    '    PermitTunnel no',
    '    PermitTTY no',
    'Match all',
    '',
  ].join('\n');
}
