/** What of the built @qianzhi/rows is replaced, wherever it is imported: in the row thread, too. */
const substitutes = {
  '/packages/rows/dist/scan.js': new URL('./scan.js', import.meta.url).href,
  '/packages/rows/dist/validator/compile.js': new URL('./validator.js', import.meta.url).href,
};
/** Where its modules are one file, there is nothing to replace. */
const bundled = '/packages/rows/dist/bundled/';

export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  const resolved = { ...found, url: found.url.replace(bundled, '/packages/rows/dist/') };
  const replaced = Object.keys(substitutes).find((path) => resolved.url.endsWith(path));
  return replaced ? { ...resolved, url: substitutes[replaced] } : resolved;
}
