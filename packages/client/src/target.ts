import type { Route } from '@qianzhi/model';

export type Params = Readonly<Record<string, string | number>>;
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Path and query below the API root: parameters filled and escaped, query in the order given, absent ones left out. */
export function targetOf(route: Route, params: Params = {}, query: Query = {}): string {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new TypeError(`route ${route.path} needs parameter ${name}`);
    return encodeURIComponent(String(value));
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}
