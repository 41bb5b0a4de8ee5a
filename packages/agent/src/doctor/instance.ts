import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openEngine } from '@qianzhi/engine';
import type { LoadedConfig } from '../config/load.js';
import { engineOptions } from '../engine-options.js';
import type { Identity } from '../identity/identity-file.js';
import { joinPlatform } from '../link/join-platform.js';
import { createLog } from '../log.js';
import type { AgentPlugins } from '../plugins.js';
import { everStarted } from '../state-dir.js';
import type { AgentStatus } from '../status.js';
import { type DoctorFinding, ok } from './finding.js';

/**
 * One instance, and a store that survives power loss. A running agent has proven both; otherwise the state is opened as
 * starting does and closed again: a foreign process or SQLite below synchronous=FULL is refused there with its own code.
 */
export async function checkInstance(
  loaded: LoadedConfig,
  identity: Identity,
  plugins: AgentPlugins,
  running: AgentStatus | undefined,
): Promise<DoctorFinding> {
  const check = 'instance';
  if (running) {
    const { pid, startedAt } = running;
    return ok(
      check,
      `前置机正在运行(进程 ${pid},自 ${startedAt}),SQLite synchronous=FULL`,
      `the agent runs (process ${pid} since ${startedAt}), SQLite synchronous=FULL`,
    );
  }
  if (!(await everStarted(loaded.stateDir))) {
    return ok(check, '前置机尚未启动过', 'the agent has not been started yet');
  }
  await openAndClose(loaded, identity, plugins);
  return ok(
    check,
    '前置机未运行,状态库可用,SQLite synchronous=FULL',
    'the agent does not run; its state opens, SQLite synchronous=FULL',
  );
}

async function openAndClose(loaded: LoadedConfig, identity: Identity, plugins: AgentPlugins): Promise<void> {
  const log = createLog('error', identity.agent);
  const tempDir = await mkdtemp(join(loaded.stateDir, 'tmp-'));
  const joined = await joinPlatform(
    loaded,
    identity,
    log,
    () => {},
    () => {},
  );
  try {
    const engine = await openEngine(await engineOptions(loaded, identity, joined, plugins, tempDir, log));
    await engine.stop();
  } finally {
    await joined.link.close();
    await rm(tempDir, { recursive: true, force: true });
  }
}
