import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tempFolder } from '../../testing/temp-folder.js';
import { createApiKey, findApiKey, listApiKeys, revokeApiKey } from './api-keys.js';
import { allows, parseScope } from './scope.js';

const now = new Date('2026-03-01T00:00:00Z');
const later = new Date('2026-03-03T00:00:00Z');

it('keeps a digest alone, knows the key by its whole text, and not any more once it is revoked or over', async () => {
  const folder = await tempFolder();
  const wanted = { system: 'crm', scopes: ['push:firm', 'push:firm'], expiresAt: '2026-03-02T00:00:00Z' };
  const { key, text } = await createApiKey(folder, wanted, now);
  const [file] = await readdir(join(folder, 'api-keys'));
  const path = join(folder, 'api-keys', file!);
  expect(await readFile(path, 'utf8')).not.toContain(text.split('_').slice(2).join('_'));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await findApiKey(folder, text, now)).toEqual({ ...key, scopes: ['push:firm'] });
  const changed = `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`;
  for (const other of [changed, text.slice(0, -1), `${text}x`, '', `qzk_../../etc_${'a'.repeat(43)}`])
    expect(await findApiKey(folder, other, now), other).toBe(undefined);
  expect(await findApiKey(folder, text, later)).toBe(undefined);
  await revokeApiKey(folder, key.id, now);
  expect(await findApiKey(folder, text, now)).toBe(undefined);
  expect(await listApiKeys(folder)).toMatchObject([{ id: key.id, revokedAt: now.toISOString() }]);
});

it('refuses what is no scope, no name and no id', async () => {
  const folder = await tempFolder();
  for (const scope of ['', 'push', 'push:', 'write:firm', 'push:firm:x', 'push:../x', '*:firm'])
    expect(() => parseScope(scope), scope).toThrow(
      expect.objectContaining({ code: 'QZ_AGENT_API_SCOPE_WRONG' }),
    );
  await expect(createApiKey(folder, { system: 'a b', scopes: ['push:*'] }, now)).rejects.toMatchObject({
    code: 'QZ_AGENT_API_SYSTEM_WRONG',
  });
  await expect(revokeApiKey(folder, '../identity', now)).rejects.toMatchObject({
    code: 'QZ_AGENT_API_KEY_UNKNOWN',
  });
});

it('a scope allows what it says and nothing else', () => {
  expect(allows(['push:firm'], 'push', 'firm')).toBe(true);
  expect(allows(['push:*'], 'push', 'firm')).toBe(true);
  expect(allows(['push:*', 'read:other'], 'read', 'firm')).toBe(false);
  expect(allows([], 'query', 'firm')).toBe(false);
});
