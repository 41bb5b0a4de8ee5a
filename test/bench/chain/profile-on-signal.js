/** Imported into a process (NODE_OPTIONS): SIGUSR2 begins a CPU profile, the next one writes it into QZ_BENCH_PROFILE. */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

let session;

process.on('SIGUSR2', async () => {
  if (!session) {
    session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    return;
  }
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  session = undefined;
  writeFileSync(join(process.env.QZ_BENCH_PROFILE, `${process.pid}.cpuprofile`), JSON.stringify(profile));
});
