import { defineErrors } from '@qianzhi/model';

/** Of the machine: Node.js, state folder, disk and network. */
export const machineErrors = defineErrors('AGENT', {
  NODE_OLD: {
    kind: 'config',
    zh: {
      message: '当前 Node.js 版本为 {found},至少需要 {wanted}',
      hint: '安装 Node.js 20 或更高的长期支持版后重试',
    },
    en: {
      message: 'this is Node.js {found}; {wanted} or later is needed',
      hint: 'install a long-term release of Node.js, 20 or later',
    },
  },
  STATE_DIR_UNWRITABLE: {
    kind: 'config',
    zh: {
      message: '状态目录 {stateDir} 不能写入:{reason}',
      hint: '把该目录的属主改为运行前置机的系统用户后执行 qianzhi doctor',
    },
    en: {
      message: 'the state folder {stateDir} cannot be written: {reason}',
      hint: 'give it to the system user that runs the agent, then run `qianzhi doctor`',
    },
  },
  STATE_FILE_OPEN: {
    kind: 'config',
    zh: { message: '{path} 可被其他用户访问(权限 {mode})', hint: '执行 chmod {wanted} {path}' },
    en: { message: '{path} is open to other users (mode {mode})', hint: 'run chmod {wanted} {path}' },
  },
  SPACE_OUT: {
    kind: 'unavailable',
    zh: {
      message: '状态目录 {stateDir} 所在磁盘仅剩 {freeMiB} MiB,不足工作所需的 {wantedMiB} MiB',
      hint: '清理磁盘(各部分占用:du -sh {stateDir}/*),或停止前置机后把状态目录移到更大的磁盘并改 stateDir;空间恢复后自动继续,核对:qianzhi doctor',
    },
    en: {
      message:
        'the disk of the state folder {stateDir} has {freeMiB} MiB left, too little to work with: {wantedMiB} MiB',
      hint: 'free some space (`du -sh {stateDir}/*` shows what the agent takes), or stop the agent, move the folder to a larger disk and change stateDir; it goes on by itself, `qianzhi doctor` shows it',
    },
  },
  SPACE_LOW: {
    kind: 'unavailable',
    zh: {
      message: '状态目录 {stateDir} 所在磁盘仅剩 {freeMiB} MiB,平台不通时发件箱会增至 {wantedMiB} MiB',
      hint: '清理磁盘;或把 agent.yaml 的 limits.outboxBytes 调到可用空间以内并重启,发件箱满时暂停读取而不占满磁盘',
    },
    en: {
      message:
        'the disk of the state folder {stateDir} has {freeMiB} MiB left; with the platform out of reach the outbox grows to {wantedMiB} MiB',
      hint: 'free some space, or set limits.outboxBytes in agent.yaml below what is free and restart: a full outbox pauses reading, a full disk stops everything',
    },
  },
  HOST_UNKNOWN: {
    kind: 'unavailable',
    zh: {
      message: '平台主机名 {host} 解析不出({reason})',
      hint: '检查 agent.yaml 的 platform.url 与本机 DNS 或 hosts',
    },
    en: {
      message: 'the platform host {host} does not resolve ({reason})',
      hint: 'check platform.url in agent.yaml and the DNS or hosts file of this machine',
    },
  },
  PORT_CLOSED: {
    kind: 'unavailable',
    zh: {
      message: '连不上 {host}:{port}({reason})',
      hint: '检查平台是否已启动、防火墙与网闸策略是否放行该端口',
    },
    en: {
      message: '{host}:{port} takes no connection ({reason})',
      hint: 'check that the platform runs and that firewall and gateway let the port through',
    },
  },
});
