export { verifyAudit } from './audit/chain.js';
export { type BackupSummary, backupPlatform, type PlatformPlace } from './backup/backup-platform.js';
export { inspectPlatform, type PlatformStructure } from './backup/inspect-platform.js';
export { restorePlatform } from './backup/restore-platform.js';
export { platformErrors } from './errors.js';
export { type PlatformConfig, type PlatformConfigInput, PlatformConfigSchema } from './server/config.js';
export { type RunningPlatform, type StartOptions, startPlatform } from './server/start-platform.js';
