/**
 * A device for fault tests, for nobody else: QZ_FAILPOINT=NAME[:NTH][@stop] ends this process with SIGKILL, or freezes it with
 * SIGSTOP, when it passes the named point for the nth time. Undefined, and without any cost, when the variable is not set.
 */
export function failpointOf(env: NodeJS.ProcessEnv): ((name: string) => void) | undefined {
  const [, name, nth = '1', stop] = /^(.+?)(?::(\d+))?(@stop)?$/.exec(env.QZ_FAILPOINT ?? '') ?? [];
  if (name === undefined) return undefined;
  let left = Number(nth);
  return (passed) => {
    if (passed !== name) return;
    left--;
    if (left === 0) process.kill(process.pid, stop ? 'SIGSTOP' : 'SIGKILL');
  };
}
