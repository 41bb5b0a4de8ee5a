import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../testing/temp-folder.js';
import { loadConfig, readPlace } from './load.js';

async function config(text: string): Promise<string> {
  const file = join(await tempFolder(), 'agent.yaml');
  await writeFile(file, text);
  return file;
}

const place = (name: string) => `\${${name}}`;

describe('loading agent.yaml', () => {
  it('fills defaults and resolves paths from its own folder', async () => {
    const file = await config('platform: { url: "http://a/gateway" }\nstateDir: ./here\n');
    const loaded = await loadConfig(file);
    expect(loaded.stateDir).toBe(join(loaded.folder, 'here'));
    expect(loaded.config).toMatchObject({ timeZone: 'Asia/Shanghai', exchanges: [], log: { level: 'info' } });
  });

  it('takes secrets from environment and files, without their line end', async () => {
    const file = await config(
      `platform: { url: "http://${place('env:HOST')}" }\nconnectors:\n  a: { type: x, password: "${place('file:secret')}", note: "a ${place('env:HOST')} b" }\n`,
    );
    await writeFile(join(file, '..', 'secret'), 'pass\r\n', { mode: 0o600 });
    const { config: loaded } = await loadConfig(file, { HOST: 'h' });
    expect(loaded.platform.url).toBe('http://h');
    expect(loaded.connectors.a).toEqual({ type: 'x', password: 'pass', note: 'a h b' });
  });

  it.each([
    ['no file', undefined, 'QZ_AGENT_CONFIG_MISSING', undefined],
    ['bad YAML', 'platform:\n  url: [a\n', 'QZ_AGENT_CONFIG_SYNTAX', expect.any(Number)],
    ['a field too many', 'platform: { url: http://a }\n\nstatedir: x\n', 'QZ_AGENT_CONFIG_WRONG', 1],
    ['a wrong value', 'platform:\n  url: ftp://a\n', 'QZ_AGENT_CONFIG_WRONG', 2],
    ['a missing variable', `platform:\n  url: "${place('env:NONE')}"\n`, 'QZ_AGENT_SECRET_ENV_MISSING', 2],
    ['a missing file', `platform:\n  url: "${place('file:none')}"\n`, 'QZ_AGENT_SECRET_FILE_UNREADABLE', 2],
    [
      'an API off loopback without TLS',
      'platform: { url: http://a }\napi: { port: 1, host: 0.0.0.0 }\n',
      'QZ_AGENT_API_UNPROTECTED',
      2,
    ],
    ['a wrong zone', 'platform: { url: http://a }\ntimeZone: Nowhere/Else\n', 'QZ_AGENT_CONFIG_WRONG', 2],
  ])('%s: its code and line', async (_, text, code, line) => {
    const file = text === undefined ? join(await tempFolder(), 'none.yaml') : await config(text);
    const error = await loadConfig(file, {}).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code, kind: 'config', details: line === undefined ? {} : { line } });
  });

  it.skipIf(process.platform === 'win32')(
    'refuses a secret others may read, without showing it',
    async () => {
      const file = await config(`platform: { url: "${place('file:secret')}" }\n`);
      const secret = join(file, '..', 'secret');
      await writeFile(secret, 'visible-to-all');
      await chmod(secret, 0o640);
      const error = await loadConfig(file).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'QZ_AGENT_SECRET_FILE_OPEN', details: { mode: '640' } });
      expect(String(error)).not.toContain('visible-to-all');
    },
  );

  it('checks that names are unique, connectors there and schedules real', async () => {
    const exchange = (more: string) => `  - { name: a, supply: r, source: {}, ${more} }\n`;
    const head = 'platform: { url: http://a }\nconnectors: { c: { type: x } }\nexchanges:\n';
    const cases = [
      [exchange('connector: d'), 'QZ_AGENT_CONFIG_REFERENCE', 4],
      [exchange('connector: c') + exchange('connector: c'), 'QZ_AGENT_CONFIG_REPEATED', 5],
      [exchange('connector: c, schedule: { cron: "61 * * * *" }'), 'QZ_AGENT_CONFIG_WRONG', 4],
    ] as const;
    for (const [text, code, line] of cases) {
      const error = await loadConfig(await config(head + text)).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code, details: { line } });
    }
  });

  it('takes an API off loopback with TLS only', async () => {
    const told = async (api: string) => {
      const found: [string, string][] = [];
      const file = await config(`platform: { url: http://a }\napi: { port: 1, ${api} }\n`);
      await loadConfig(file, {}, (error, pointer) => found.push([error.code, pointer]));
      return found;
    };
    expect(await told('host: 0.0.0.0')).toEqual([['QZ_AGENT_API_UNPROTECTED', '/api/host']]);
    expect(await told('host: 0.0.0.0, tls: { certificate: c, key: k }')).toEqual([]);
    expect(await told('host: "::1"')).toEqual([]);
  });

  it('reports all it can to a caller that wants all', async () => {
    const file = await config(
      `platform: { url: http://a }\ntimeZone: X\nconnectors: { c: { type: x, p: "${place('env:NONE')}" } }\nexchanges: [{ name: a, supply: r, source: {}, connector: d }]\n`,
    );
    const codes: string[] = [];
    await loadConfig(file, {}, (error) => codes.push(error.code));
    expect(codes).toEqual([
      'QZ_AGENT_SECRET_ENV_MISSING',
      'QZ_AGENT_CONFIG_WRONG',
      'QZ_AGENT_CONFIG_REFERENCE',
    ]);
  });
});

describe('where an agent lives', () => {
  it('is known without the secrets of its connectors', async () => {
    const file = await config(
      `platform: { url: "${place('env:URL')}" }\nconnectors: { c: { type: x, p: "${place('env:NONE')}" } }\n`,
    );
    expect(await readPlace(file, { URL: 'http://a' })).toEqual({
      stateDir: join(file, '..', 'state'),
      url: 'http://a',
    });
  });
});
