import { defineErrors } from '@qianzhi/model';

export const sftpErrors = defineErrors('CLI', {
  SFTP_NOT_ROOT: {
    kind: 'denied',
    zh: { message: '建立用户与 chroot 须以 root 执行', hint: '用 sudo 再执行 qianzhi platform sftp --apply' },
    en: {
      message: 'users and chroots are made as root',
      hint: 'run `qianzhi platform sftp --apply` with sudo',
    },
  },
  SFTP_STEP_FAILED: {
    kind: 'unavailable',
    zh: {
      message: '这一步未能完成:{what}({reason})',
      hint: '处理后再执行 qianzhi platform sftp --apply;已完成的步骤不会重复',
    },
    en: {
      message: 'this step failed: {what} ({reason})',
      hint: 'mend it and run `qianzhi platform sftp --apply` again; what was done is not done twice',
    },
  },
  SFTP_NAME_WRONG: {
    kind: 'config',
    zh: {
      message: '“{name}”不能用作部门、用户组、路径或 部门=公钥文件',
      hint: '部门与组只用小写字母、数字、连字符(至多 28 个);改正后再执行 qianzhi platform sftp',
    },
    en: {
      message: '"{name}" cannot be a department, a group, a path, or DEPARTMENT=FILE',
      hint: 'departments and groups are lower-case letters, digits and hyphens (at most 28); correct it and run `qianzhi platform sftp` again',
    },
  },
  SFTP_KEY_STRANGER: {
    kind: 'config',
    zh: {
      message: '--key 给出了部门 {department} 的公钥,但没有 --department {department}',
      hint: '加上 --department {department},或改正 --key 中的部门,再执行 qianzhi platform sftp',
    },
    en: {
      message: '--key has a key of department {department}, but there is no --department {department}',
      hint: 'add --department {department} or correct the one of --key, then run `qianzhi platform sftp` again',
    },
  },
  SFTP_NO_KEY: {
    kind: 'config',
    zh: {
      message: '文件 {file} 中没有 SSH 公钥',
      hint: '给出该部门的公钥文件(每行一个,如 ssh-ed25519 AAAA…,通常名为 *.pub),再执行 qianzhi platform sftp',
    },
    en: {
      message: 'there is no SSH public key in {file}',
      hint: 'give the file of the public key (one a line, such as ssh-ed25519 AAAA…; its name mostly ends in .pub), then run `qianzhi platform sftp` again',
    },
  },
});
