#!/usr/bin/env -S MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=1048576 node --max-semi-space-size=2 --single-threaded-gc --heap-growing-percent=30
// The settings above keep platform and agents small: without them each holds some 70 MB more than it uses.
import { flush, run, settings } from '#oclif';

// Only compiled files are run; looking for a TypeScript project would cost a third of the start.
settings.enableAutoTranspile = false;

// A reader that has seen enough (`| head`) ends the command as SIGPIPE would.
process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(141);
  throw error;
});

try {
  await run(process.argv.slice(2), import.meta.url);
} catch (error) {
  const { showFailure } = await import('../dist/failure.js');
  showFailure(error, process.argv);
} finally {
  await flush();
}
