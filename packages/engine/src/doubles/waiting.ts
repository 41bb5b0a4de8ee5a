import { createRig, type Rig, runNow } from './rig.js';

/** A snapshot of four parts (seq 1–4) and a delta (seq 5) wait at the platform; nothing was pulled yet. */
export async function createWaitingRig(): Promise<Rig> {
  const rig = await createRig();
  for (let i = 0; i < 7; i++) rig.source.put(`0${i}`, `村${i}`);
  const provider = await rig.provider({ limits: { batchRows: 2, blockBytes: 1 } });
  await runNow(provider, 'village-out');
  rig.source.put('00', '改名');
  rig.source.remove('06');
  await runNow(provider, 'village-out');
  await rig.kill(provider);
  return rig;
}

/** Stage, range and reason of every receipt the platform holds. */
export function receiptsOf(rig: Rig) {
  return rig.platform.acknowledged.map(({ body }) => [body.stage, body.seqFrom, body.seqTo, body.reason]);
}
