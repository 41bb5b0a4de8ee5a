const substitute = new URL('./rows.js', import.meta.url).href;

/** Whoever imports @qianzhi/rows gets rows.js, which itself gets the real one. */
export async function resolve(specifier, context, next) {
  if (specifier === '@qianzhi/rows' && context.parentURL !== substitute) {
    return { url: substitute, format: 'module', shortCircuit: true };
  }
  return next(specifier, context);
}
