export { checkPluginConfig } from './check-config.js';
export type { PluginBlock, PluginDescription, PluginSide } from './description.js';
export { installationRoots } from './discover.js';
export { hostErrors } from './errors.js';
export { createPluginHost, type PluginHost, type PluginHostOptions, type RoleOf } from './plugin-host.js';
