#!/usr/bin/env node
import { flush, run, settings } from '@oclif/core';

// Only compiled files are run; looking for a TypeScript project would cost a third of the start.
settings.enableAutoTranspile = false;

try {
  await run(process.argv.slice(2), import.meta.url);
} catch (error) {
  const { showFailure } = await import('../dist/failure.js');
  showFailure(error, process.argv);
} finally {
  await flush();
}
