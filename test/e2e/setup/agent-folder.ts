import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ended, startProgram } from '../program.js';

/** A front-end machine's folder with the agent.yaml that `qianzhi init` writes. */
export interface AgentFolder {
  readonly folder: string;
  at(file: string): string;
  config(): Promise<string>;
  /** Names and bytes of all files, to see that nothing was written. */
  everything(): Promise<Readonly<Record<string, string>>>;
  mode(file: string): Promise<string>;
  write(file: string, text: string, mode?: number): Promise<void>;
  qz(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** With `--json`: what it printed. */
  json<T>(args: readonly string[]): Promise<{ readonly code: number | null; readonly answer: T }>;
  remove(): Promise<void>;
}

export async function agentFolder(): Promise<AgentFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-setup-'));
  const at = (file: string) => join(folder, file);
  const qz = (args: readonly string[], env = {}) => startProgram(args, { cwd: folder, env }).ended;
  const made = await qz(['init']);
  if (made.code !== 0) throw new Error(made.err);
  return {
    folder,
    at,
    qz,
    config: () => readFile(at('agent.yaml'), 'utf8'),
    async everything() {
      const entries = await readdir(folder, { withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
      const read = async (name: string) => [name, (await readFile(at(name))).toString('base64')] as const;
      return Object.fromEntries(await Promise.all(files.toSorted().map(read)));
    },
    mode: async (file) => ((await stat(at(file))).mode & 0o777).toString(8),
    write: (file, text, mode = 0o600) => writeFile(at(file), text, { mode }),
    async json(args) {
      const { code, out } = await qz([...args, '--json']);
      return { code, answer: JSON.parse(out) };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
