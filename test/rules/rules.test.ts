import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rootFolder } from '../architecture/workspace.js';
import { proofGaps, tableGaps } from './gaps.js';
import { readRuleTable } from './rule-table.js';
import { pendingRules, rulesInScope } from './scope.js';

describe('the table of rules', () => {
  const rows = readRuleTable(readFileSync(join(rootFolder, 'packages/platform/README.md'), 'utf8'));

  it('has a row for every rule in scope, with files that are there', () => {
    const scope = { inScope: rulesInScope, pending: pendingRules };
    expect(tableGaps(rows, scope, (path) => existsSync(join(rootFolder, path)))).toEqual([]);
  });

  it('is read by its columns, paths from the root', () => {
    const readme = [
      '| rule | asks | where | test |',
      '|---|---|---|---|',
      '| R001 | open by `default` | `catalog/entry.ts` (`sharing: none`), `packages/model/src/a.ts` | `catalog/a.test.ts` |',
      'R002 is only spoken of',
    ];
    expect(readRuleTable(readme.join('\n'))).toEqual([
      {
        rule: 'R001',
        places: ['packages/platform/src/catalog/entry.ts', 'packages/model/src/a.ts'],
        tests: ['packages/platform/src/catalog/a.test.ts'],
      },
    ]);
  });

  it('is told what it lacks', () => {
    const row = { rule: 'R001', places: ['here.ts'], tests: ['gone.test.ts'] };
    const bare = { rule: 'R009', places: [], tests: [] };
    const scope = { inScope: ['R001', 'R002', 'R003'], pending: ['R003', 'R009'] };
    expect(tableGaps([row, row, bare], scope, (path) => path === 'here.ts')).toEqual([
      'R002 is in scope and has no row in the table',
      'R009 has a row in the table: take it from the pending rules',
      'R001 has more than one row in the table',
      'R001 names gone.test.ts: no such file',
      'R001 names gone.test.ts: no such file',
      'R009 does not say where it lives',
      'R009 names no test',
    ]);
  });

  it('is proven by titles of the files it names, none else', () => {
    const row = (rule: string) => ({ rule, places: ['a.ts'], tests: ['a.test.ts'] });
    const passed = [
      { file: 'a.test.ts', title: 'group > R001 R0022: kept and broken' },
      { file: 'b.test.ts', title: 'R003' },
    ];
    expect(proofGaps(['R001', 'R002', 'R003'].map(row), passed)).toEqual([
      'R002: no test with this id in its title passed in a.test.ts',
      'R003: no test with this id in its title passed in a.test.ts',
    ]);
  });
});

describe('a run of the whole suite', () => {
  let folder: string;
  beforeEach(() => {
    // inside the repository, where a config finds vitest
    folder = mkdtempSync(join(rootFolder, 'node_modules/.rules-'));
    mkdirSync(join(folder, 'test'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const table = (...rows: string[]) => ['| rule | where | test |', '|---|---|---|', ...rows].join('\n');
  const row = (rule: string) => `| ${rule} | \`test/place.ts\` | \`test/${rule}.test.ts\` |`;

  function write(readme: string, tests: Readonly<Record<string, string>>) {
    const proof = JSON.stringify(fileURLToPath(new URL('./rule-proof.ts', import.meta.url)));
    const scope = { table: 'README.md', inScope: ['R001', 'R002'], pending: [] };
    writeFileSync(
      join(folder, 'vitest.config.ts'),
      `import { ruleProof } from ${proof};\nexport default { plugins: [ruleProof(${JSON.stringify(scope)})] };\n`,
    );
    writeFileSync(join(folder, 'README.md'), readme);
    writeFileSync(join(folder, 'test/place.ts'), '');
    for (const [name, text] of Object.entries(tests))
      writeFileSync(join(folder, `test/${name}.test.ts`), `import { expect, it } from 'vitest';\n${text}\n`);
  }

  function run(...args: string[]): Promise<{ code: number; text: string }> {
    const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
    const { NODE_OPTIONS: _, VITEST: __, ...env } = process.env;
    return new Promise((done) => {
      const all = [vitest, 'run', '--root', folder, '--reporter=json', ...args];
      const child = execFile(process.execPath, all, { env }, (_error, stdout, stderr) =>
        done({ code: child.exitCode ?? 1, text: stdout + stderr }),
      );
    });
  }

  const passes = (title: string) => `it('${title}', () => { expect(1).toBe(1); });`;

  it('passes where every rule has a test that passed', { timeout: 120_000 }, async () => {
    write(table(row('R001'), row('R002')), { R001: passes('R001 kept'), R002: passes('R002 kept') });
    expect(await run()).toMatchObject({ code: 0 });
  });

  it('fails by the name of each rule that was skipped, only written about, or is not in the table', {
    timeout: 120_000,
  }, async () => {
    write(table(row('R001')), {
      R001: `// R001\nit.skip('R001 kept', () => {});\n${passes('something else')}`,
      other: passes('nothing of a rule'),
    });
    const { code, text } = await run();
    expect(code).toBe(1);
    expect(text).toContain('R002 is in scope and has no row in the table');
    expect(text).toContain('R001: no test with this id in its title passed in test/R001.test.ts');
    // of a part nothing can be said
    expect(await run('R001')).toMatchObject({ code: 0 });
    expect(await run('-t', 'something')).toMatchObject({ code: 0 });
  });
});
