import { type Assignments, errorKinds, fromProblem } from '@qianzhi/model';
import { type CheckedConfig, checkConfig } from '../config/check-config.js';
import type { LoadedConfig } from '../config/load.js';
import { agentErrors } from '../errors.js';
import type { Identity } from '../identity/identity-file.js';
import type { AgentStatus } from '../status.js';
import { checkAlerts } from './alerts.js';
import { checkApi } from './api.js';
import { checkConnectors, wrongPlaces } from './connectors.js';
import { checkExchanges } from './exchanges.js';
import { type DoctorFinding, failed, finding, ok, skipped, warning } from './finding.js';
import { checkIdentity } from './identity.js';
import { checkInstance } from './instance.js';
import { checkNode, checkSpace, checkStateDir } from './machine.js';
import { checkOrders, checkSignature } from './orders.js';
import { checkPlatform } from './platform.js';
import { checkQueries } from './queries.js';
import { findRunningAgent } from './running-agent.js';
import { checkWebhookTargets } from './webhooks.js';

/**
 * Goes through all that keeps an agent from working, from the machine to the platform, and yields each finding as it is
 * known. Changes nothing but a probe file in the state folder. What cannot be looked at is said to be skipped.
 */
export async function* diagnose(configFile: string, signal: AbortSignal): AsyncGenerator<DoctorFinding> {
  yield checkNode(process.versions.node);
  const checked = await checkConfig(configFile);
  yield* configFindings(checked);
  const { loaded, plugins } = checked;
  if (!loaded) {
    yield skipped('rest', '配置改正后再查其余各项', 'the rest is looked at once the config is right');
    return;
  }
  const { stateDir } = loaded;
  const folder = await finding('state-dir', () => checkStateDir(stateDir));
  yield folder;
  if (folder.level !== 'failed') yield await checkSpace(stateDir, loaded.config.limits.outboxBytes);
  const identity = yield* identityFinding(stateDir);
  const running = yield* runningAgent(stateDir, signal);
  const assignments = yield* platformFindings(loaded, identity, running, signal);
  if (checked.findings.every(({ where }) => !where.startsWith('/alerts')))
    yield* checkAlerts(loaded.config.alerts, running, signal);
  yield* checkApi(loaded);
  if (checked.findings.every(({ where }) => !where.startsWith('/webhooks')))
    yield* checkWebhookTargets(loaded, running);
  if (!plugins) return;
  if (identity && checked.findings.length === 0) {
    yield await finding('instance', () => checkInstance(loaded, identity, plugins, running));
  }
  const isWrong = wrongPlaces(checked);
  const working = yield* checkConnectors(loaded, plugins, isWrong, signal);
  if (!assignments) return;
  yield* checkExchanges(loaded, plugins, assignments, { working, isWrong }, signal);
  yield* checkQueries(loaded, plugins, assignments, { working, isWrong }, signal);
}

function* configFindings({ findings, loaded, plugins }: CheckedConfig): Generator<DoctorFinding> {
  for (const { error } of findings) yield failed('config', error);
  if (findings.length > 0 || !loaded || !plugins) return;
  yield ok('config', `配置 ${loaded.file} 正确`, `the config ${loaded.file} is right`);
  const types = [
    ...Object.values(loaded.config.connectors).map(({ type }) => `connector ${type}`),
    ...loaded.config.exchanges.map(({ mode }) => `mode ${mode}`),
    ...loaded.config.queries.map(({ mode }) => `mode ${mode}`),
  ];
  const names = [...new Set(types)].join(', ') || '—';
  yield ok('plugins', `插件可用:${names}`, `plugins load: ${names}`);
}

async function* identityFinding(stateDir: string): AsyncGenerator<DoctorFinding, Identity | undefined> {
  let identity: Identity | undefined;
  yield await finding('identity', async () => {
    const answer = await checkIdentity(stateDir);
    identity = answer.identity;
    return answer.found;
  });
  return identity;
}

async function* runningAgent(
  stateDir: string,
  signal: AbortSignal,
): AsyncGenerator<DoctorFinding, AgentStatus | undefined> {
  let running: AgentStatus | undefined;
  const asked = await finding('agent', async () => {
    running = await findRunningAgent(stateDir, signal);
    return running
      ? ok('agent', `运行中,版本 ${running.version}`, `runs, version ${running.version}`)
      : ok('agent', '未运行;启动:qianzhi agent start', 'does not run; start it with `qianzhi agent start`');
  });
  yield asked;
  if (running) yield* runningConfig(running.config);
  return running;
}

/** Whether the agent goes by the file that was just looked at. */
function* runningConfig({ file, problem, restartFor }: AgentStatus['config']): Generator<DoctorFinding> {
  const check = 'running-config';
  if (problem) yield warning(check, fromProblem(problem));
  else if (restartFor.length > 0)
    yield warning(check, agentErrors.CONFIG_NEEDS_RESTART({ file, parts: restartFor.join(', ') }));
  else yield ok(check, '前置机按该配置运行', 'the agent goes by this config');
}

async function* platformFindings(
  loaded: LoadedConfig,
  identity: Identity | undefined,
  running: AgentStatus | undefined,
  signal: AbortSignal,
): AsyncGenerator<DoctorFinding, Assignments | undefined> {
  const { packages, platform } = loaded.config;
  const { url } = platform;
  let reachable = URL.canParse(url) && !packages; // that it is an address was checked with the config
  for await (const found of reachable ? checkPlatform(url, identity, signal) : []) {
    yield found;
    if (found.level === 'failed') reachable = false;
  }
  if (packages && identity) {
    yield skipped(
      'signature',
      '经摆渡包往来:见 qianzhi package status',
      'packages join it to the platform: see `qianzhi package status`',
    );
    return yield* checkOrders(loaded, identity, running);
  }
  if (!identity) {
    yield skipped('signature', '登记后再查', 'looked at after enrolment');
    return undefined;
  }
  if (reachable) yield await finding('signature', () => checkSignature(url, identity, running, signal));
  else yield skipped('signature', '平台可用后再查', 'looked at when the platform is found right');
  return yield* checkOrders(loaded, identity, running);
}

/** Which failure decides the exit code: the one that most needs a person. */
const gravity = [
  'integrity',
  'internal',
  'data',
  'config',
  'auth',
  'denied',
  'conflict',
  'not-found',
  'unavailable',
  'timeout',
] as const;

/** Exit code of the worst failure; 0 where there is none, whatever was warned of. */
export function exitCodeOf(findings: readonly DoctorFinding[]): number {
  const kinds = new Set(
    findings.filter(({ level }) => level === 'failed').map(({ error }) => error?.kind ?? 'internal'),
  );
  const worst = gravity.find((kind) => kinds.has(kind));
  return worst === undefined ? 0 : errorKinds[worst].exit;
}
