/**
 * What RFC 9421 signatures cover here. The URL is the path and query *below the API root* on a fixed
 * authority: gateways may rewrite host and prefix, and nothing else.
 */
export const requestFields: readonly string[] = [
  '@method',
  '@path',
  '@query',
  'content-digest',
  'content-type',
  'qz-audience',
];
export const responseFields: readonly string[] = ['@status', 'content-digest', 'content-type', 'qz-reply-to'];

export const AUDIENCE_HEADER = 'qz-audience';
/** The request's nonce, repeated in the response under its signature: binds the answer to the question. */
export const REPLY_HEADER = 'qz-reply-to';
export const MAX_LIFE_SECONDS = 300;
/** How far two clocks may differ before a signature is refused. */
export const CLOCK_TOLERANCE_SECONDS = 60;

/** `target` is path and query below the API root, e.g. `/agent/lease?x=1`. */
export function signedUrl(target: string): string {
  return `https://qianzhi.invalid${target}`;
}

/** `sha-256=:base64:` (RFC 9530) from our digest text (`sha-256:<base64url>`). */
export function contentDigestOf(digest: string): string {
  const at = digest.indexOf(':');
  return `${digest.slice(0, at)}=:${Buffer.from(digest.slice(at + 1), 'base64url').toString('base64')}:`;
}

export type HeaderMap = Record<string, string>;

/** What a signature is over; headers under their small names. */
export type SignedMessage = { readonly headers: HeaderMap } & (
  | { readonly method: string; readonly url: string }
  | { readonly status: number }
);

/** Each covered field with its value in the signature base (RFC 9421 §2); undefined where the message lacks one. */
export function componentsOf(
  message: SignedMessage,
  fields: readonly string[],
): readonly (readonly [name: string, value: string])[] | undefined {
  const derived = derivedOf(message);
  const components: [string, string][] = [];
  for (const name of fields) {
    const value = name.startsWith('@') ? derived[name] : message.headers[name];
    if (value === undefined) return undefined;
    components.push([name, value.trim()]);
  }
  return components;
}

function derivedOf(message: SignedMessage): Readonly<Record<string, string>> {
  if ('status' in message) return { '@status': String(message.status) };
  if (!URL.canParse(message.url)) return {};
  const { pathname, search } = new URL(message.url);
  return { '@method': message.method.toUpperCase(), '@path': pathname || '/', '@query': search || '?' };
}
