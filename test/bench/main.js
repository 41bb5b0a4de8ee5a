/** `npm run bench -- NAME [--json] …`: runs test/bench/NAME.js over the built packages. */
import { readdirSync } from 'node:fs';

const [name, ...options] = process.argv.slice(2);
const known = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.js') && !['main.js', 'measure.js'].includes(file))
  .map((file) => file.slice(0, -'.js'.length));

if (!known.includes(name)) {
  process.stderr.write(`usage: npm run bench -- NAME [--json]\nNAME is one of: ${known.join(', ')}\n`);
  process.exit(2);
}
const { run } = await import(`./${name}.js`);
await run(options);
