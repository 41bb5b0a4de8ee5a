import { resolve } from 'node:path';
import { Flags } from '#oclif';
import { readInput } from '../../input.js';
import { QianzhiCommand } from '../../qianzhi-command.js';
import { applySteps } from '../../sftp-side/apply.js';
import { sftpErrors } from '../../sftp-side/errors.js';
import { planSftpSide, type Step, sshdSnippet, userOf } from '../../sftp-side/plan.js';

export default class PlatformSftp extends QianzhiCommand {
  static override summary =
    '平台的 SFTP 一侧:各部门一个 chroot,用 OpenSSH / the platform’s SFTP side: one chroot per department, by OpenSSH';
  static override description = [
    '先列出要做的每一步,什么都不改;审阅后以 root 加 --apply 执行,可重复执行。sshd 的配置片段用 --snippet 取出,由管理员放入 sshd_config.d 后重新加载。',
    '部门放入 in、取走 out;前置机或平台以本机文件夹(连接器 files)读写同两处。',
    'Lists each step first and changes nothing; once reviewed run it as root with --apply, as often as you like. --snippet prints what the administrator puts into sshd_config.d and reloads.',
    'A department puts files into `in` and takes them from `out`; an agent on this machine reads and writes both as folders (connector files).',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> platform sftp --root /srv/qianzhi-sftp --department mz --key mz=mz.pub',
    'sudo <%= config.bin %> platform sftp --root /srv/qianzhi-sftp --department mz --key mz=mz.pub --apply',
    '<%= config.bin %> platform sftp --root /srv/qianzhi-sftp --snippet > /etc/ssh/sshd_config.d/qianzhi.conf',
  ];
  static override flags = {
    root: Flags.string({
      default: '/srv/qianzhi-sftp',
      summary:
        '各部门文件夹所在;它与其上各级须归 root / folder of the departments; it and all above it belong to root',
    }),
    department: Flags.string({
      multiple: true,
      default: [],
      summary: '部门编号,可多次 / department, may be repeated',
    }),
    key: Flags.string({
      multiple: true,
      default: [],
      summary:
        '部门=公钥文件,可多次;不给的部门保留原有公钥 / DEPARTMENT=FILE of public keys, may be repeated; a department without keeps its keys',
    }),
    group: Flags.string({ default: 'qianzhi-sftp', summary: '用户组 / group of their users' }),
    apply: Flags.boolean({
      default: false,
      summary: '执行(须 root)/ do it (as root)',
      exclusive: ['snippet'],
    }),
    snippet: Flags.boolean({
      default: false,
      summary: '只输出 sshd 配置片段 / print the sshd_config part only',
    }),
  };

  async run() {
    const { flags } = await this.parse(PlatformSftp);
    const { group } = flags;
    const root = resolve(flags.root);
    requireNames(root, group, flags.department, flags.key);
    const snippet = sshdSnippet({ root, group });
    if (flags.snippet) {
      this.log(snippet.trimEnd());
      return { snippet, steps: [], applied: false };
    }
    const keys = await readKeys(flags.key);
    const steps = planSftpSide({ root, group, departments: flags.department, keys });
    for (const step of steps) this.log(`  ${textOf(step)}`);
    if (flags.apply) await applySteps(steps);
    this.log(
      flags.apply
        ? this.say('✓ 已完成;再把片段交给 sshd:', '✓ done; now give the part to sshd:')
        : this.say(
            '以上尚未执行;以 root 加 --apply 执行。片段:',
            'nothing was done yet; run it as root with --apply. The part:',
          ),
    );
    this.log(snippet.trimEnd());
    return { snippet, steps, applied: flags.apply, users: flags.department.map(userOf) };
  }
}

/** They become parts of paths, user names and lines of sshd_config. Throws QZ_CLI_SFTP_NAME_WRONG. */
function requireNames(
  root: string,
  group: string,
  departments: readonly string[],
  keys: readonly string[],
): void {
  const name = /^[a-z][a-z0-9-]{0,27}$/;
  const owners = keys.map((pair) => (pair.includes('=') ? pair.slice(0, pair.indexOf('=')) : pair));
  const wrong = [...departments, ...owners, group].find((each) => !name.test(each));
  if (wrong !== undefined) throw sftpErrors.SFTP_NAME_WRONG({ name: wrong });
  if (!/^[\w./-]+$/.test(root)) throw sftpErrors.SFTP_NAME_WRONG({ name: root });
  const bare = keys.find((pair) => !pair.includes('='));
  if (bare !== undefined) throw sftpErrors.SFTP_NAME_WRONG({ name: bare });
  const stranger = owners.find((owner) => !departments.includes(owner));
  if (stranger !== undefined) throw sftpErrors.SFTP_KEY_STRANGER({ department: stranger });
}

/** Throws QZ_CLI_FILE_MISSING, or QZ_CLI_SFTP_NO_KEY for a file without a public key. */
async function readKeys(pairs: readonly string[]): Promise<Map<string, string[]>> {
  const keys = new Map<string, string[]>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const department = pair.slice(0, at);
    const file = pair.slice(at + 1);
    const text = await readInput(file);
    const lines = text.split('\n').filter((line) => /^(ssh|ecdsa|sk)-\S+ [A-Za-z0-9+/=]+/.test(line));
    if (lines.length === 0) throw sftpErrors.SFTP_NO_KEY({ file });
    keys.set(department, [...(keys.get(department) ?? []), ...lines]);
  }
  return keys;
}

function textOf(step: Step): string {
  if (step.kind === 'run') {
    const command = step.argv.map((part) => (part === '*' ? "'*'" : part)).join(' ');
    return step.unless ? `${step.unless.join(' ')} || ${command}` : command;
  }
  const { path, owner, mode } = step;
  return `install ${step.kind === 'folder' ? '-d ' : ''}-o ${owner.replace(':', ' -g ')} -m ${mode} ${path}`;
}
