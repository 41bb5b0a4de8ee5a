/** For tests of the intake: agent mz-1 may supply `village`, and seals and sends what a test tells it to. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Receipt, Signed } from '@qianzhi/model';
import { documentDigest, intlSuite } from '@qianzhi/model/crypto';
import { createRig, type Rig } from '../test-exchange.js';
import { createSealer, type Sealed, type Sealer, type TestRow } from '../test-sealer.js';

export interface IntakeRig {
  readonly rig: Rig;
  readonly sealer: Sealer;
  send(batch: Sealed): Promise<Signed<Receipt>>;
  /** Names of the files that hold stored bytes. */
  storedFiles(): Promise<string[]>;
}

export const rows: TestRow[] = [
  ['U', '110101001001', '多福巷', null],
  ['U', '110101001002', '银闸', '010-1'],
];

export async function createIntakeRig(): Promise<IntakeRig> {
  const rig = await createRig();
  const duty = rig.giveDuty('village', 'mz-1');
  const stream = { resource: 'village', agent: 'mz-1', epoch: 1 };
  return {
    rig,
    sealer: createSealer(stream, rig.provider.key, documentDigest(duty, intlSuite)),
    send: (batch) => rig.exchange.sendBatch(rig.provider.caller, batch),
    async storedFiles() {
      const folders = ['files', 'segments'].map((name) => readdir(join(rig.folder, 'batches', name)));
      return (await Promise.all(folders)).flat();
    },
  };
}
