// Writes the JSON Schemas of agent.yaml, platform.yaml, catalog files and policy profiles from the schemas the programs check with: `npm run schemas`.
// With --check it writes nothing and fails when a file is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { AgentConfigSchema } from '@qianzhi/agent';
import { CatalogResourceSchema, PolicyProfileSchema, plainSchema } from '@qianzhi/model';
import { PlatformConfigSchema } from '@qianzhi/platform';

const schemas = {
  'agent.schema.json': ['agent.yaml', AgentConfigSchema],
  'platform.schema.json': ['platform.yaml', PlatformConfigSchema],
  'catalog.schema.json': ['catalog.yaml', catalogFile(CatalogResourceSchema)],
  'policy.schema.json': ['policy profile', PolicyProfileSchema],
};

/** One entry, or a list of them under `resources`, as `qianzhi catalog publish` takes it. */
function catalogFile(entry) {
  return {
    anyOf: [
      entry,
      { type: 'object', required: ['resources'], properties: { resources: { type: 'array', items: entry } } },
    ],
  };
}

let outdated = 0;
for (const [name, [title, schema]] of Object.entries(schemas)) {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const head = { $schema: 'http://json-schema.org/draft-07/schema#', title: `qianzhi ${title}` };
  const text = `${JSON.stringify({ ...head, ...asWritten(plainSchema(schema)), title: head.title }, null, 2)}\n`;
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
  } else if (!isDeepStrictEqual(readOrNothing(file), JSON.parse(text))) {
    process.stderr.write(`${name} is out of date; run \`npm run schemas\`\n`);
    outdated += 1;
  }
}
process.exitCode = outdated === 0 ? 0 : 1;

function readOrNothing(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // not there is out of date as well
  }
}

/** The schema of a file as a person writes it: what has a default may be left out. */
function asWritten(schema) {
  if (Array.isArray(schema)) return schema.map(asWritten);
  if (schema === null || typeof schema !== 'object') return schema;
  const own = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, asWritten(value)]));
  if (!Array.isArray(own.required)) return own;
  const required = own.required.filter((name) => own.properties?.[name]?.default === undefined);
  return { ...own, required };
}
