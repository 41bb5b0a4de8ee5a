import type { LocalText } from '@qianzhi/model';

/** What an address of a platform looks like, to be told to whoever gave another. */
export const addressShape: LocalText = {
  zh: '如 http://10.1.2.3:8340 的地址',
  en: 'an address such as http://10.1.2.3:8340',
};

/** http or https, a host, and perhaps a gateway's prefix; no user and password, which would be shown with it. */
export function isPlatformAddress(url: string): boolean {
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) return false;
  const { username, password, search, hash } = new URL(url);
  return `${username}${password}${search}${hash}` === '';
}

/** An address as it may be shown: without user and password, whatever else is wrong with it. */
export function shownAddress(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//…@');
}
