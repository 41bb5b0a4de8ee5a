import type { LocalText } from './language.js';

/** By code, or by the beginning of the code where many mean the same to a person. */
const reasons: Readonly<Record<string, LocalText>> = {
  ENOENT: { zh: '不存在', en: 'it does not exist' },
  EACCES: { zh: '没有权限', en: 'permission denied' },
  EPERM: { zh: '没有权限', en: 'permission denied' },
  EISDIR: { zh: '是文件夹,不是文件', en: 'it is a folder, not a file' },
  ENOTDIR: { zh: '路径中有一段不是文件夹', en: 'a part of the path is not a folder' },
  EEXIST: { zh: '已经存在', en: 'it exists already' },
  ENOTEMPTY: { zh: '文件夹不为空', en: 'the folder is not empty' },
  ENAMETOOLONG: { zh: '路径过长', en: 'the path is too long' },
  ELOOP: { zh: '符号链接成环', en: 'its links go in a circle' },
  EXDEV: { zh: '不在同一文件系统', en: 'it is on another file system' },
  EROFS: { zh: '所在磁盘只读', en: 'its disk is read-only' },
  ENOSPC: { zh: '磁盘已满', en: 'the disk is full' },
  EDQUOT: { zh: '磁盘配额已用完', en: 'the disk quota is used up' },
  EIO: { zh: '磁盘读写失败', en: 'the disk failed to read or write' },
  EBUSY: { zh: '正被占用', en: 'it is in use' },
  EMFILE: { zh: '打开的文件过多', en: 'too many files are open' },
  ENFILE: { zh: '打开的文件过多', en: 'too many files are open' },
  EADDRINUSE: { zh: '端口已被占用', en: 'the port is in use' },
  EADDRNOTAVAIL: { zh: '本机没有该地址', en: 'this machine does not have that address' },
  ECONNREFUSED: { zh: '连接被拒绝,该端口没有程序监听', en: 'refused, nothing listens on that port' },
  ECONNRESET: { zh: '连接被断开', en: 'the connection was cut' },
  EPIPE: { zh: '连接被断开', en: 'the connection was cut' },
  ETIMEDOUT: { zh: '连接超时', en: 'no answer in time' },
  EHOSTUNREACH: { zh: '网络不可达', en: 'the network has no way there' },
  ENETUNREACH: { zh: '网络不可达', en: 'the network has no way there' },
  ENETDOWN: { zh: '网络不可达', en: 'the network has no way there' },
  ENOTFOUND: { zh: '主机名解析不出', en: 'the host name does not resolve' },
  EAI_AGAIN: { zh: 'DNS 没有应答', en: 'the DNS does not answer' },
  HPE: { zh: '对方不使用 HTTP', en: 'it speaks no HTTP' },
  EPROTO: { zh: '对方不使用 TLS,地址或应以 http:// 开头', en: 'it speaks no TLS; http:// may be meant' },
  ERR_SSL: { zh: '对方不使用 TLS,地址或应以 http:// 开头', en: 'it speaks no TLS; http:// may be meant' },
  DEPTH_ZERO_SELF_SIGNED_CERT: { zh: '证书不受信任', en: 'its certificate is not trusted' },
  SELF_SIGNED_CERT_IN_CHAIN: { zh: '证书不受信任', en: 'its certificate is not trusted' },
  UNABLE_TO: { zh: '证书不受信任', en: 'its certificate is not trusted' },
  CERT_HAS_EXPIRED: { zh: '证书已过期', en: 'its certificate has expired' },
  ERR_TLS_CERT_ALTNAME: { zh: '证书与主机名不符', en: 'its certificate is of another host name' },
  SQLITE_FULL: { zh: '磁盘已满', en: 'the disk is full' },
  SQLITE_IOERR: { zh: '磁盘读写失败', en: 'the disk failed to read or write' },
  SQLITE_CORRUPT: { zh: '数据库文件已损坏', en: 'the database file is damaged' },
  SQLITE_CANTOPEN: { zh: '数据库文件打不开', en: 'the database file cannot be opened' },
  SQLITE_READONLY: { zh: '数据库文件不可写', en: 'the database file cannot be written' },
};

/**
 * What an error of the operating system, the network or SQLite says, in words. One that is not known here keeps
 * its code, for whoever is asked for help; anything else says that it gave no reason.
 */
export function systemReason(error: unknown): LocalText {
  const code = systemCode(error);
  if (code === undefined) return { zh: '系统没有给出原因', en: 'the system gives no reason' };
  const known = Object.keys(reasons).find((each) => code === each || code.startsWith(`${each}_`));
  return known ? reasons[known]! : { zh: `系统错误 ${code}`, en: `system error ${code}` };
}

/** A full disk passes by itself: some space is freed. */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '');
}

/** `ENOENT` and its like. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
