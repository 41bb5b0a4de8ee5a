import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs a database's own client to its end; what it prints is thrown away, as a pipe to nowhere would. */
export async function runTool(
  program: string,
  args: readonly string[],
  { env = {}, input = '' }: { readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Promise<void> {
  const child = spawn(program, args, {
    stdio: ['pipe', 'ignore', 'inherit'],
    env: { ...process.env, ...env },
  });
  child.stdin.end(input);
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
}
