export { type AuditRow, type AuditVerdict, verifyAudit } from './audit/chain.js';
export { platformErrors } from './errors.js';
export type { RunningPlatform, StartOptions } from './server/assemble.js';
export { type PlatformConfig, type PlatformConfigInput, PlatformConfigSchema } from './server/config.js';
