export { type Box, type BoxOptions, openBox } from './box.js';
export { copyDurably, writeDurably } from './durable.js';
export { carrierErrors } from './errors.js';
export { type PackageHead, PackageHeadSchema } from './head.js';
export { PACKAGE_ENDING, packageName } from './names.js';
export {
  type AgentNotes,
  AgentNotesSchema,
  type PlatformNotes,
  PlatformNotesSchema,
  type Refusal,
  type Want,
} from './notes.js';
export { type Entry, type OpenPackage, openPackage, readPackageBytes } from './open-package.js';
export type { PackageSettings } from './settings.js';
export { createTurn, type Turn } from './turn.js';
export { type PackageWriter, writePackage } from './write-package.js';
