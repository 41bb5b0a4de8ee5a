/** The front-end process: config and identity in, a running engine and a local control socket out. */
export { type ConfigDocument, readDocument } from './config/document.js';
export { type LoadedConfig, loadConfig } from './config/load.js';
export { type AgentConfig, AgentConfigSchema } from './config/schema.js';
export { type AgentControl, connectAgent } from './control/connect.js';
export { controlRoutes } from './control/routes.js';
export { controlSocket } from './control/socket.js';
export { agentErrors } from './errors.js';
export { enrol, parseToken } from './identity/enrol.js';
export { type Identity, readIdentity } from './identity/identity-file.js';
export { createLog } from './log.js';
export { type AgentPlugins, loadPlugins } from './plugins.js';
export { type RunningAgent, startAgent } from './start-agent.js';
export type { AgentStatus } from './status.js';
