import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AgentControl, connectAgent, controlRoutes, type JobInfo } from '@qianzhi/agent/control';
import { createClient, type PlatformClient } from '@qianzhi/client';
import { type CatalogResource, personRoutes, type Role } from '@qianzhi/model';
import { wordsOf } from './hints.js';
import { type Ended, eventually, type Program, type ProgramOptions, startProgram } from './program.js';

/** Who acts; each act needs the right person, so there is one for each. */
const persons = {
  editor: { department: 'mz', roles: ['catalog-editor', 'operator'] },
  admin: { department: 'mz', roles: ['department-admin'] },
  approver: { department: 'mz', roles: ['approver'] },
  consumer: { department: 'sw', roles: ['consumer', 'operator'] },
} as const satisfies Record<string, { department: string; roles: readonly Role[] }>;
export type Person = keyof typeof persons | 'officer';

/** Recognisable, so that a leak into any output is found. */
export const PASSWORD = 'a-password-Nobody-else-has-7319';

/** A department's agent: a config file, a state folder and, while it runs, a process. */
export interface RigAgent {
  readonly name: string;
  readonly config: string;
  readonly stateDir: string;
  readonly control: AgentControl;
  process: Program;
}

export interface Rig {
  readonly folder: string;
  readonly url: string;
  readonly platform: Program;
  /** All that any process has shown so far, ended or not. */
  shown(): string;
  /** Secrets that must be in no output: password, tokens, private keys. */
  readonly secrets: readonly string[];
  readonly as: (person: Person) => PlatformClient;
  at(file: string): string;
  /** Runs `qianzhi …` to its end. */
  qz(args: readonly string[], options?: Partial<ProgramOptions>): Promise<Ended>;
  /** The same, with `--json`: what it printed, as the caller expects it; a refusal where nothing else is. */
  json<T = Refusal>(
    args: readonly string[],
    options?: Partial<ProgramOptions>,
  ): Promise<{ code: number | null; answer: T }>;
  /** A person signs in at the command line, for the commands that follow. */
  signIn(person: Person): Promise<void>;
  /** Runs a command line taken from a hint, as a person would paste it at that agent. */
  paste(command: string, agent: string): Promise<Ended>;
  startPlatform(port?: number): Promise<void>;
  /** Everybody's session is new: one ends with a day, and a restored platform knows none. */
  signInAgain(): Promise<void>;
  invite(agent: string, department: string): Promise<string>;
  /** Writes the config and enrols; the agent is not started. */
  enrol(name: string, department: string, config: string): Promise<void>;
  /** `reach` is the platform's address as this agent knows it; its own unless told. */
  writeConfig(name: string, config: string, reach?: string): Promise<void>;
  startAgent(name: string, env?: Readonly<Record<string, string>>): Promise<RigAgent>;
  stopAgent(name: string, signal?: NodeJS.Signals): Promise<Ended>;
  /** Publishes, reviews, and orders the agent to supply. */
  publish(resource: CatalogResource, agent: string): Promise<void>;
  subscribe(resource: string, by?: Person): Promise<string>;
  /** Runs one exchange and answers the job when it came to rest or waits. */
  run(agent: string, exchange: string): Promise<JobInfo>;
  close(): Promise<void>;
}

/** What `--json` prints of a command that failed. */
export interface Refusal {
  readonly error: {
    readonly code: string;
    readonly kind: string;
    readonly message: string;
    readonly hint: string;
    readonly details: Readonly<Record<string, unknown>>;
  };
}

/** One that does not come up in time is ended: it may yet, and would be in the way of the next one. */
async function ready(program: Program, sign: RegExp): Promise<RegExpExecArray> {
  try {
    return await program.until(sign);
  } catch (error) {
    await program.stop('SIGKILL');
    throw error;
  }
}

const AT_REST: ReadonlySet<string> = new Set(['done', 'failed', 'cancelled', 'waiting']);

/** `env` and `config` are the platform's; an agent is given its own when it is started. */
export async function createRig(
  env: Readonly<Record<string, string>> = {},
  config: Readonly<Record<string, unknown>> = {},
): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-e2e-'));
  const outputs: string[] = [];
  const secrets: string[] = [PASSWORD];
  const programs: Program[] = [];
  const agents = new Map<string, RigAgent>();
  const clients = new Map<Person, PlatformClient>();
  let platform!: Program;
  let url = '';

  function start(args: readonly string[], options: Partial<ProgramOptions> = {}): Program {
    const program = startProgram(args, { cwd: folder, ...options });
    programs.push(program);
    return program;
  }

  async function qz(args: readonly string[], options: Partial<ProgramOptions> = {}): Promise<Ended> {
    const program = startProgram(args, { cwd: folder, ...options });
    const ended = await program.ended;
    outputs.push(ended.out, ended.err);
    return ended;
  }

  async function startPlatform(port = 0): Promise<void> {
    const flags = ['--config', 'platform.yaml', '--port', String(port), '--json'];
    const codeFile = clients.size === 0 ? ['--code-file', 'code'] : [];
    platform = start(['platform', 'start', ...flags, ...codeFile], { env });
    url = JSON.parse((await ready(platform, /^\{"url":.*\}$/m))[0]).url;
  }

  async function openSession(person: Person): Promise<void> {
    const anonymous = createClient({ url, identity: { kind: 'anonymous' } });
    const body = { account: person, password: PASSWORD };
    const { token } = await anonymous.call(personRoutes.signIn, { body });
    await anonymous.close();
    secrets.push(token);
    await clients.get(person)?.close();
    clients.set(person, createClient({ url, identity: { kind: 'person', token } }));
  }

  async function setUp(): Promise<void> {
    const anonymous = createClient({ url, identity: { kind: 'anonymous' } });
    const code = (await readFile(join(folder, 'code'), 'utf8')).trim();
    const body = { code, account: 'officer', name: 'officer', password: PASSWORD };
    await anonymous.call(personRoutes.setup, { body });
    await openSession('officer');
    const officer = clients.get('officer')!;
    for (const [id, name] of [
      ['mz', '民政局'],
      ['sw', '税务局'],
    ] as const) {
      const department = { id, name, police: false, competent: false };
      await officer.call(personRoutes.putDepartment, { params: { id }, body: department });
    }
    for (const [account, { department, roles }] of Object.entries(persons)) {
      const person = { account, name: account, department, roles: [...roles], password: PASSWORD };
      await officer.call(personRoutes.createAccount, { body: person });
      await openSession(account as Person);
    }
    await anonymous.close();
  }

  const rig: Rig = {
    folder,
    shown: () => [...outputs, ...programs.flatMap(({ output }) => [output.out, output.err])].join('\n'),
    secrets,
    get url() {
      return url;
    },
    get platform() {
      return platform;
    },
    as: (person) => clients.get(person)!,
    at: (file) => join(folder, file),
    qz,
    async json(args, options) {
      const { code, out } = await qz([...args, '--json'], options);
      return { code, answer: JSON.parse(out) };
    },
    async signIn(person) {
      await writeFile(join(folder, 'password'), PASSWORD, { mode: 0o600 });
      const login = ['login', '--url', url, '--account', person, '--password-file', 'password'];
      const ended = await qz(login);
      if (ended.code !== 0) throw new Error(ended.err);
    },
    paste(command, agent) {
      const [program, ...args] = wordsOf(command);
      if (program !== 'qianzhi') throw new Error(`not a command of ours: ${command}`);
      return qz(args, { env: { QZ_CONFIG: `${agent}.yaml` } });
    },
    startPlatform,
    async signInAgain() {
      for (const person of clients.keys()) await openSession(person);
    },
    async invite(agent, department) {
      const body = { agent, department, minutes: 10 };
      const { token } = await rig.as('officer').call(personRoutes.invite, { body });
      secrets.push(token);
      await writeFile(join(folder, `${agent}.token`), token, { mode: 0o600 });
      return token;
    },
    writeConfig: (name, config, reach = url) =>
      writeFile(
        join(folder, `${name}.yaml`),
        `platform: { url: ${reach} }\nstateDir: ./${name}-state\n${config}`,
      ),
    async enrol(name, department, config) {
      await rig.writeConfig(name, config);
      await rig.invite(name, department);
      const ended = await qz(['enroll', '--config', `${name}.yaml`, '--token-file', `${name}.token`]);
      if (ended.code !== 0) throw new Error(ended.err);
      const identity = JSON.parse(await readFile(join(folder, `${name}-state`, 'identity.json'), 'utf8'));
      secrets.push(identity.privateKey, identity.localSecret);
    },
    async startAgent(name, env = {}) {
      await agents.get(name)?.control.close();
      const process = start(['agent', 'start', '--config', `${name}.yaml`], { env });
      await ready(process, /✓/);
      const stateDir = join(folder, `${name}-state`);
      const agent = { name, config: `${name}.yaml`, stateDir, control: connectAgent(stateDir), process };
      agents.set(name, agent);
      return agent;
    },
    stopAgent: (name, signal) => agents.get(name)!.process.stop(signal),
    async publish(resource, agent) {
      const params = { code: resource.code };
      await rig.as('editor').call(personRoutes.publishCatalog, { params, body: resource });
      const review = { result: 'passed' as const, note: '' };
      await rig.as('admin').call(personRoutes.reviewSecrecy, { params, body: review });
      await rig.as('editor').call(personRoutes.assignSupply, { params, body: { agent } });
    },
    async subscribe(resource, by = 'consumer') {
      const purpose = { usage: 'work-reference' as const, matter: '税源管理', legalBasis: '' };
      const body = { resource, items: [], purpose, modes: ['docking' as const] };
      return (await rig.as(by).call(personRoutes.apply, { body })).id;
    },
    async run(name, exchange) {
      const { control } = agents.get(name)!;
      const job = await control.call(controlRoutes.runJob, { params: { exchange } });
      return eventually(`${exchange} to come to rest`, 90_000, async () => {
        const now = await control.call(controlRoutes.showJob, { params: { job: job.id } });
        return AT_REST.has(now.state) ? now : undefined;
      });
    },
    async close() {
      for (const { control } of agents.values()) await control.close();
      for (const client of clients.values()) await client.close();
      // agents first: they say goodbye to a platform that still answers
      for (const program of programs.toReversed()) await program.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    // JSON is YAML
    const settings = JSON.stringify({ dataDir: './platform', audience: 'e2e', ...config });
    await writeFile(rig.at('platform.yaml'), settings);
    await startPlatform();
    await setUp();
    return rig;
  } catch (error) {
    await rig.close();
    throw error;
  }
}
