import { defineErrors } from '@qianzhi/model';

/** Of SFTP servers. Details name hosts, paths and fingerprints; never a password, a key or a row value. */
export const sftpErrors = defineErrors('SFTP', {
  HOST_UNKNOWN: {
    kind: 'config',
    zh: {
      message: '{host}:{port} 的主机公钥指纹为 {fingerprint},配置中尚无 hostFingerprint,未登录',
      hint: '向该服务器的管理员核对此指纹(ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub),一致才写入 hostFingerprint,再执行 qianzhi doctor',
    },
    en: {
      message:
        'the host key of {host}:{port} has the fingerprint {fingerprint}; the config has no `hostFingerprint`, so nobody logged in',
      hint: 'compare it with what the server’s operator says (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub); only if they agree set `hostFingerprint`, then run `qianzhi doctor`',
    },
  },
  HOST_CHANGED: {
    kind: 'auth',
    zh: {
      message: '{host}:{port} 的主机公钥指纹 {fingerprint} 与配置不符,未登录',
      hint: '可能有人冒充该服务器;向其管理员核对,确为换钥才改 hostFingerprint,再执行 qianzhi doctor',
    },
    en: {
      message:
        'the host key of {host}:{port} has the fingerprint {fingerprint}, which is not the one in the config; nobody logged in',
      hint: 'somebody may pose as the server; ask its operator, change `hostFingerprint` only if the key was changed, then run `qianzhi doctor`',
    },
  },
  LOGIN_FAILED: {
    kind: 'auth',
    zh: {
      message: '{host}:{port} 不接受用户 {user} 的登录',
      hint: '核对用户、口令或私钥(公钥须在对方的 authorized_keys 中),再执行 qianzhi doctor',
    },
    en: {
      message: '{host}:{port} refuses the login of {user}',
      hint: 'check user, password or key (its public half belongs into authorized_keys there), then run `qianzhi doctor`',
    },
  },
  NO_CREDENTIAL: {
    kind: 'config',
    zh: {
      message: '连接 {host} 既无 password 也无 privateKey',
      hint: '写明其一(${file:…}),再执行 qianzhi config validate',
    },
    en: {
      message: 'the connection to {host} has neither `password` nor `privateKey`',
      hint: 'give one of them (${file:…}), then run `qianzhi config validate`',
    },
  },
  KEY_BROKEN: {
    kind: 'config',
    zh: {
      message: '连接 {host} 的私钥无法读取:格式不识,或 passphrase 不对',
      hint: '改用 OpenSSH 或 PEM 格式的私钥并核对 passphrase,再执行 qianzhi doctor',
    },
    en: {
      message: 'the private key for {host} cannot be read: unknown format, or another passphrase',
      hint: 'use a key in the format of OpenSSH or PEM and check `passphrase`, then run `qianzhi doctor`',
    },
  },
  UNREACHABLE: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:{host}:{port} 连不上或中途断开({reason})',
      hint: '自动重试并从断点续传;若一直如此,执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: {host}:{port} cannot be reached or was cut off ({reason})',
      hint: 'it is tried again and goes on where it was; if it stays run `qianzhi doctor`',
    },
  },
  TIMEOUT: {
    kind: 'timeout',
    zh: {
      message: '{doing}:{host}:{port} 在 {seconds} 秒内没有应答',
      hint: '自动重试并从断点续传;线路很慢时加大 timeoutSeconds,再执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: {host}:{port} did not answer within {seconds} s',
      hint: 'it is tried again and goes on where it was; on a slow line raise `timeoutSeconds`, then run `qianzhi doctor`',
    },
  },
  FOLDER_MISSING: {
    kind: 'config',
    zh: {
      message: '服务器 {host} 上没有文件夹 {folder}',
      hint: '核对 folder,或请对方建立;再执行 qianzhi doctor',
    },
    en: {
      message: 'server {host} has no folder {folder}',
      hint: 'check `folder`, or let it be made there; then run `qianzhi doctor`',
    },
  },
  NO_PERMISSION: {
    kind: 'config',
    zh: {
      message: '{doing}:服务器 {host} 不许访问 {path}',
      hint: '请对方授予该用户对此文件夹的权限,再执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: server {host} denies access to {path}',
      hint: 'have the user granted access to that folder, then run `qianzhi doctor`',
    },
  },
  MISSING: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:服务器 {host} 上的 {path} 已不存在',
      hint: '自动重试;若一再发生,执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: {path} on server {host} is gone',
      hint: 'it is tried again; if it stays run `qianzhi doctor`',
    },
  },
  REFUSED: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:服务器 {host} 拒绝对 {path} 的操作(状态 {status})',
      hint: '多为对方磁盘已满或配额用尽;自动重试,若一直如此执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: server {host} refuses it for {path} (status {status})',
      hint: 'often its disk or quota is full; it is tried again, if it stays run `qianzhi doctor`',
    },
  },
  DIFFERS: {
    kind: 'unavailable',
    zh: {
      message: '写到服务器 {host} 的 {path} 读回后与原文件不同,未启用其正式文件名',
      hint: '自动重传;若一再发生,请对方检查磁盘与网关,再执行 qianzhi doctor',
    },
    en: {
      message: '{path} on server {host}, read back, is not what was written; it did not get its name',
      hint: 'it is sent again; if it stays have disk and gateways looked at, then run `qianzhi doctor`',
    },
  },
  NAME_TAKEN: {
    kind: 'conflict',
    zh: {
      message: '服务器 {host} 上已有另一内容的 {path},不覆盖',
      hint: '请移走它,或在 target 中改用别的 name,再执行 qianzhi doctor',
    },
    en: {
      message: 'server {host} has another {path} already, which is not written over',
      hint: 'have it moved away, or choose another `name` in the target, then run `qianzhi doctor`',
    },
  },
});
