import type { LocalText } from '../errors/language.js';

/** Room for what a folder of received files puts before and behind a name: file systems take 255 bytes. */
export const MAX_FILE_NAME_BYTES = 240;

/** Devices of Windows, with and without an ending: a file of that name cannot be made there, or is the device. */
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(\.|$)/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const ILLEGAL = /[\u0000-\u001f\u007f-\u009f<>:"/\\|?*]/;
/** Turn the reading direction round, so that `gpj.exe` reads as a picture; and what no file system tells apart. */
const INVISIBLE = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;

/**
 * Why a file of this name is not carried; undefined for one that every file system takes as it stands, Windows included. It is
 * one name, never a path. Judged by provider, platform and consumer alike.
 */
export function fileNameProblem(name: string): LocalText | undefined {
  if (name === '') return { zh: '文件名为空', en: 'its name is empty' };
  if (/[\p{Surrogate}\ufffd]/u.test(name))
    return { zh: '文件名不是有效的 UTF-8', en: 'its name is no valid UTF-8' };
  if (new TextEncoder().encode(name).length > MAX_FILE_NAME_BYTES) {
    const most = MAX_FILE_NAME_BYTES;
    return { zh: `文件名超过 ${most} 字节`, en: `its name is longer than ${most} bytes` };
  }
  if (ILLEGAL.test(name))
    return {
      zh: '文件名含路径分隔符、控制字符或 <>:"|?*',
      en: 'its name holds a separator, a control character or one of <>:"|?*',
    };
  if (INVISIBLE.test(name))
    return {
      zh: '文件名含不可见字符或改变书写方向的字符',
      en: 'its name holds invisible characters or turns the reading direction',
    };
  if (name.startsWith('.')) return { zh: '文件名以 . 开头', en: 'its name begins with a dot' };
  if (/[. ]$/.test(name)) return { zh: '文件名以 . 或空格结尾', en: 'its name ends with a dot or a blank' };
  if (RESERVED.test(name)) return { zh: '文件名是系统保留的设备名', en: 'its name is that of a device' };
  return undefined;
}

/** Names with the same key are one file where letter case, or the way accents are written, does not count. */
export function fileNameKey(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
