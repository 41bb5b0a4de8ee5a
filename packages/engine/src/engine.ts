import type { EngineOptions } from './options.js';
import type { Engine } from './surface.js';

/**
 * Opens the state folder and answers an engine that does nothing until `start`. Throws QZ_ENGINE_ALREADY_RUNNING,
 * QZ_ENGINE_STORE_NOT_DURABLE or QZ_ENGINE_STORE_NEWER.
 */
export declare function openEngine(options: EngineOptions): Promise<Engine>;
