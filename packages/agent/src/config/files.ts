/** How a config file is read: entry `@qianzhi/agent/config`, free of the engine, for files of other programs. */
export { agentErrors } from '../errors.js';
export { readDocument } from './document.js';
export { resolveSecrets } from './secrets.js';
