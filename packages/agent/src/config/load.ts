import { dirname, resolve } from 'node:path';
import { checkShape, isQianzhiError } from '@qianzhi/model';
import { agentErrors } from '../errors.js';
import { type ConfigDocument, readDocument } from './document.js';
import { type AgentConfig, AgentConfigSchema } from './schema.js';
import { resolveSecrets } from './secrets.js';

export interface LoadedConfig {
  readonly config: AgentConfig;
  readonly file: string;
  /** Folder of the file: relative paths in it start here. */
  readonly folder: string;
  readonly stateDir: string;
  readonly lineOf: (pointer: string) => number;
}

/**
 * Reads, checks and resolves agent.yaml. Connector configs and source and target specs are checked by the plugins
 * afterwards. Throws QZ_AGENT_CONFIG_* and QZ_AGENT_SECRET_* naming file, line and field.
 */
export async function loadConfig(path: string, env: NodeJS.ProcessEnv = process.env): Promise<LoadedConfig> {
  const file = resolve(path);
  const folder = dirname(file);
  const document = await readDocument(file);
  const config = checkDocument(document, resolveSecrets(document, folder, env));
  checkExchanges(config, document);
  return { config, file, folder, stateDir: resolve(folder, config.stateDir), lineOf: document.lineOf };
}

function checkDocument(document: ConfigDocument, value: unknown): AgentConfig {
  try {
    return checkShape(AgentConfigSchema, value, 'agent.yaml');
  } catch (error) {
    if (!isQianzhiError(error, 'QZ_MODEL_SHAPE_WRONG')) throw error;
    const where = String(error.details.where);
    throw agentErrors.CONFIG_WRONG(
      { file: document.file, line: document.lineOf(where), where, problem: error.details.problem },
      error,
    );
  }
}

function checkExchanges(config: AgentConfig, document: ConfigDocument): void {
  const names = new Set<string>();
  for (const [index, exchange] of config.exchanges.entries()) {
    const at = (field: string) => {
      const where = `/exchanges/${index}/${field}`;
      return { file: document.file, line: document.lineOf(where), where };
    };
    if (names.has(exchange.name)) throw agentErrors.CONFIG_REPEATED({ ...at('name'), name: exchange.name });
    names.add(exchange.name);
    if (!config.connectors[exchange.connector]) {
      const known = Object.keys(config.connectors).join(', ') || '—';
      throw agentErrors.CONFIG_REFERENCE({
        ...at('connector'),
        kind: 'connector',
        name: exchange.connector,
        known,
      });
    }
  }
}
