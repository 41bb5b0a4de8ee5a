import { execFileSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { testFolders } from './testing/folder.js';
import { runProgram } from './testing/program.js';

const testFolder = testFolders();

const repository = fileURLToPath(new URL('../../..', import.meta.url));
let cwd = '';
beforeAll(async () => {
  cwd = await testFolder();
});

interface Finding {
  readonly line: number;
  readonly code: string;
  readonly where: string;
}

async function validate(
  text: string,
  env = {},
): Promise<{ code: number | null; findings: Finding[]; out: string }> {
  await writeFile(join(cwd, 'agent.yaml'), text);
  const { code, out } = await runProgram(['config', 'validate', '--json'], { cwd, env });
  return { code, out, findings: (JSON.parse(out) as { findings: Finding[] }).findings };
}

describe('config validate', () => {
  it('names everything wrong, each with its line', async () => {
    await writeFile(join(cwd, 'open-secret'), 'do-not-show-this', { mode: 0o644 });
    await chmod(join(cwd, 'open-secret'), 0o644);
    const { code, findings, out } = await validate(
      [
        'platform: { url: http://127.0.0.1:1 }',
        'timeZone: Moon/Base',
        'connectors:',
        '  wrong: { type: sqlit, path: ./a }',
        '  misfit: { type: sqlite, path: ./a, colour: red }',
        '  missing: { type: sqlite, path: "${env:QZ_TEST_NOT_SET}" }',
        '  open: { type: sqlite, path: "${file:open-secret}" }',
        'exchanges:',
        '  - name: a',
        '    supply: r',
        '    connector: nowhere',
        '    source: { table: t }',
        '  - name: a',
        '    supply: r',
        '    connector: open',
        '    source: { tabel: t }',
        '    schedule: { cron: "99 * * * *" }',
        '  - name: c',
        '    supply: r',
        '    connector: open',
        '    mode: dokcing',
        '    source: { table: t }',
      ].join('\n'),
    );
    expect(code).toBe(2);
    expect(findings.map(({ line, code: found }) => `${line} ${found}`)).toEqual([
      '2 QZ_AGENT_CONFIG_WRONG',
      '4 QZ_PLUGIN_UNKNOWN',
      '5 QZ_PLUGIN_CONFIG_WRONG',
      '6 QZ_AGENT_SECRET_ENV_MISSING',
      '7 QZ_AGENT_SECRET_FILE_OPEN',
      '11 QZ_AGENT_CONFIG_REFERENCE',
      '13 QZ_AGENT_CONFIG_REPEATED',
      '13 QZ_PLUGIN_CONFIG_WRONG',
      '14 QZ_AGENT_CONFIG_WRONG',
      '17 QZ_AGENT_CONFIG_WRONG',
      '19 QZ_AGENT_CONFIG_WRONG',
      '21 QZ_PLUGIN_UNKNOWN',
    ]);
    expect(out).not.toContain('do-not-show-this');
  });

  it('says of an exchange what is wrong with the kind it is', async () => {
    const { findings, out } = await validate(
      'platform: { url: http://a }\nconnectors: { c: { type: sqlite, path: x } }\nexchanges:\n  - name: a\n    consume: r\n    connector: c\n    tagret: { table: t }\n',
    );
    expect(findings).toMatchObject([{ code: 'QZ_AGENT_CONFIG_WRONG', where: '/exchanges/0', line: 4 }]);
    expect(out).toContain('缺少 target');
  });

  it('points at the line of a syntax error', async () => {
    const { code, findings } = await validate('platform:\n  url: "http://a\nstateDir: ./s\n');
    expect(code).toBe(2);
    expect(findings).toMatchObject([{ code: 'QZ_AGENT_CONFIG_SYNTAX' }]);
    expect(findings[0]!.line).toBeGreaterThan(1);
  });

  it('prints file, line and remedy for a person', async () => {
    await writeFile(join(cwd, 'agent.yaml'), 'platform: { url: ftp://a }\n');
    const { code, out } = await runProgram(['config', 'validate'], { cwd, env: { QZ_LANG: 'en' } });
    expect(code).toBe(2);
    expect(out).toMatch(/agent\.yaml:1 {2}\/platform\/url {2}QZ_AGENT_CONFIG_WRONG .*\n {2}→ /);
  });

  it.each([
    [['--config', `${repository}/config/samples/agent.yaml`]],
    [['--platform', '--config', `${repository}/config/samples/platform.yaml`]],
    [['--config', `${repository}/packages/cli/templates/agent.yaml`]],
  ])('takes the sample %j', async (args) => {
    const { code, out } = await runProgram(['config', 'validate', ...args], { cwd });
    expect(out).toContain('✓');
    expect(code).toBe(0);
  });

  it('checks what an exchange says to its mode, and the target of a mode that writes by itself', async () => {
    const exchange = (part: string) =>
      `platform: { url: 'http://127.0.0.1:1' }\nconnectors:\n  inbox: { type: files, path: . }\nexchanges:\n  - { name: firms, mode: batch-download, consume: firm, connector: inbox, ${part} }\n`;
    for (const [part, field] of [
      ['target: { format: pdf }', 'target'],
      ['target: { folder: ../out }', 'target'],
      ['target: {}, modeOptions: { waitMs: 1 }', 'modeOptions'],
    ] as const) {
      await writeFile(join(cwd, 'agent.yaml'), exchange(part));
      const { code, out } = await runProgram(['config', 'validate'], { cwd, env: { QZ_LANG: 'en' } });
      expect(code, part).toBe(2);
      expect(out).toContain('QZ_PLUGIN_CONFIG_WRONG');
      expect(out).toContain(field);
    }
    await writeFile(join(cwd, 'agent.yaml'), exchange('target: { format: xlsx, changes: true }'));
    expect(await runProgram(['config', 'validate'], { cwd })).toMatchObject({ code: 0 });
  });

  it('finds a wrong platform config', async () => {
    await writeFile(join(cwd, 'platform.yaml'), 'dataDir: ./p\nport: 99999\n');
    const { code, out } = await runProgram(
      ['config', 'validate', '--platform', '--config', 'platform.yaml', '--json'],
      { cwd },
    );
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ ok: false, findings: [{ line: 2, where: '/port' }] });
  });
});

it('the published JSON Schemas are those the programs check with', () => {
  execFileSync(process.execPath, [`${repository}/config/schemas/generate.js`, '--check']);
});
