/** What this package uses of oclif, imported as `#oclif`: built, it is one file (`scripts/bundle-oclif.js`). */
export * as Args from '@oclif/core/args';
export { Command } from '@oclif/core/command';
export { Plugin } from '@oclif/core/config';
export * as Flags from '@oclif/core/flags';
export { flush } from '@oclif/core/flush';
export { Help } from '@oclif/core/help';
export { run } from '@oclif/core/run';
export { settings } from '@oclif/core/settings';
