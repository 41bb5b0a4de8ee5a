import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLog } from '../log.js';
import { tempFolder } from '../testing/temp-folder.js';
import { writeChange } from './config-change.js';
import { planConnectorRemoval, planExchangeRemoval, requireSent } from './remove-entry.js';

const head = `# mine
platform: { url: http://127.0.0.1:9 }
stateDir: ./state
connectors:
  civil: { type: sqlite, path: ./a.db }   # the old one
  spare: { type: sqlite, path: ./b.db }
exchanges:
`;
const supply =
  '  - { name: out, supply: village, connector: civil, strategy: snapshot, source: { table: t } }\n';
const consume = '  # why\n  - name: in\n    consume: firm\n    connector: civil\n    target: { table: u }\n';

async function scene(text = head + supply + consume) {
  const folder = await tempFolder();
  const file = join(folder, 'agent.yaml');
  await writeFile(file, text);
  const context = { log: createLog('error', 'test'), now: () => new Date(), tempDir: folder };
  return {
    file,
    exchange: (name: string) => planExchangeRemoval(file, name, context),
    connector: (name: string) => planConnectorRemoval(file, name, context),
  };
}

describe('an entry that is removed', { timeout: 120_000 }, () => {
  it('leaves the rest of the file as it is, and nothing is written while it is planned', async () => {
    const { file, exchange } = await scene();
    const removal = await exchange('out');
    expect(await readFile(file, 'utf8')).toBe(head + supply + consume);
    expect(removal.state).toMatchObject({ batches: 0, waitingBatches: 0 });
    requireSent(removal);
    await writeChange(removal.change);
    expect(await readFile(file, 'utf8')).toBe(head + consume);
  });

  it('stays where batches of it have no receipt yet', async () => {
    const { exchange } = await scene();
    const removal = await exchange('out');
    const state = { ...removal.state, waitingBatches: 2, waitingBytes: 75 };
    expect(() => requireSent({ ...removal, state })).toThrow(
      expect.objectContaining({ code: 'QZ_AGENT_EXCHANGE_UNSENT', kind: 'conflict' }),
    );
  });

  it('has to be there', async () => {
    const { exchange, connector } = await scene();
    const unknown = { code: 'QZ_AGENT_ENTRY_UNKNOWN', kind: 'not-found' };
    await expect(exchange('other')).rejects.toMatchObject(unknown);
    await expect(connector('other')).rejects.toMatchObject(unknown);
  });

  it('is a connector that nothing needs', async () => {
    const { file, connector } = await scene();
    await expect(connector('civil')).rejects.toMatchObject({
      code: 'QZ_AGENT_ENTRY_NEEDED',
      kind: 'conflict',
    });
    await writeChange(await connector('spare'));
    expect(await readFile(file, 'utf8')).toBe(
      (head + supply + consume).replace('  spare: { type: sqlite, path: ./b.db }\n', ''),
    );
  });

  it('may be taken out of a file that is wrong elsewhere, before and after alike', async () => {
    const broken =
      '  - { name: bad, supply: x, connector: nowhere, strategy: snapshot, source: { table: t } }\n';
    const { exchange } = await scene(head + supply + broken + consume);
    expect((await exchange('out')).change).toMatchObject({ otherProblems: 1, text: head + broken + consume });
  });
});
