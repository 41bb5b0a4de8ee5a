import { statSync } from 'node:fs';
import { join } from 'node:path';
import { checkShape } from '@qianzhi/model';
import { expect, it } from 'vitest';
import { ConfigSchema } from '../config.js';
import { identityOf } from '../folder/identity.js';
import { openSite, resourceOf, signal } from '../test/site.js';
import type { ReadFile, State } from './checkpoint.js';
import { putAside } from './confirm.js';
import { readingOf } from './source.js';

it('remembers of what it is done with no more than the checkpoint still names', async () => {
  using site = openSite();
  const resource = { ...resourceOf({ column: 'file', type: 'G', length: 1000 }), content: 'files' as const };
  const source = { pattern: '*', complete: { quietSeconds: 0 }, done: 'move', acknowledge: '.ack' };
  const config = checkShape(ConfigSchema, { path: site.folder }, 'config');
  const reading = readingOf(config, { resource, strategy: 'files', source }, site.context, signal);
  const file = (n: number): ReadFile => {
    const name = `${n}.pdf`;
    site.put(name, name);
    const stats = statSync(join(site.folder, name), { bigint: true });
    return { n, name, identity: identityOf(stats), digest: 'a'.repeat(8) };
  };
  const state = (read: ReadFile[]): State => ({ v: 1, strategy: 'files', begun: true, next: 100, read });
  const sizes = () => [reading.settled.aside.size, reading.settled.acknowledged.size];

  const files = Array.from({ length: 20 }, (_, n) => file(n + 1));
  for (const [at] of files.entries()) {
    // as a stream does: what was put aside is named for a while, and then no more
    await putAside(reading, state(files.slice(Math.max(0, at - 2), at + 1)), signal);
    expect(sizes()).toEqual([Math.min(at + 1, 3), Math.min(at + 1, 3)]);
  }
  expect(site.names('done')).toHaveLength(20);
});
