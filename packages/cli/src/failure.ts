import {
  errorKinds,
  isQianzhiError,
  type LocalText,
  languageOf,
  type QianzhiError,
  systemReason,
  useLanguage,
} from '@qianzhi/model';
import { cliErrors } from './errors.js';

/** Errors of oclif's parser, as far as their parts are used. */
interface ParserError extends Error {
  readonly args?: readonly { readonly name: string }[] | readonly string[];
  readonly flags?: readonly string[];
  readonly oclif?: { readonly exit?: number };
  readonly parse?: unknown;
}

/** The parser ends each of its messages with this. */
const HELP_LINE = 'See more help with --help';

/** Ends a command on purpose, `--help` among them; carries its exit code and nothing to show. */
export function exitRequest(error: unknown): number | undefined {
  const { code, oclif } = error as { code?: unknown; oclif?: { exit?: number } };
  return code === 'EEXIT' ? (oclif?.exit ?? 0) : undefined;
}

/** Any error as a coded one: the parser's by what is wrong with the command line, everything unforeseen as internal. */
export function failureOf(error: unknown, command: string): QianzhiError {
  if (isQianzhiError(error)) return error;
  if (!(error instanceof Error)) return cliErrors.UNFORESEEN({ name: typeof error }, error);
  const unknown = /^command (.+) not found\.?$/i.exec(error.message);
  if (unknown) return cliErrors.COMMAND_UNKNOWN({ command: unknown[1]!.replaceAll(':', ' ') });
  const repeated = /^Flag (--\S+) can only be specified once$/.exec(error.message);
  if (repeated) return cliErrors.FLAG_REPEATED({ flag: repeated[1], command }, error);
  if ('parse' in error || error.message.includes(HELP_LINE)) return parserFailure(error, command);
  return systemFailure(error, command) ?? cliErrors.UNFORESEEN({ name: error.name }, error);
}

/** What a call of the operating system answered, where nobody nearer told it better. */
function systemFailure(error: NodeJS.ErrnoException, command: string): QianzhiError | undefined {
  if (error.syscall === undefined) return undefined;
  const place = error.path ?? error.syscall;
  return cliErrors.SYSTEM_REFUSED({ command, place, reason: systemReason(error) }, error);
}

function parserFailure(error: ParserError, command: string): QianzhiError {
  const problem = error.message.replace(HELP_LINE, '').replace(/\s+/g, ' ').trim();
  switch (error.constructor.name) {
    case 'NonExistentFlagsError':
      // What stands behind a wrong flag may be a secret: only its name is repeated.
      return cliErrors.FLAG_UNKNOWN({ flag: namesOf(error.flags), command }, error);
    case 'UnexpectedArgsError':
      return cliErrors.ARGUMENT_UNEXPECTED({ count: error.args?.length ?? 1, command }, error);
    case 'RequiredArgsError':
      return cliErrors.ARGUMENT_MISSING({ argument: argumentNames(error.args), command }, error);
    case 'FlagInvalidOptionError': {
      const choices = /^Expected (--[^=]+)=.* to be one of: (.+)$/.exec(problem);
      if (choices) return cliErrors.CHOICE_WRONG({ flag: choices[1], choices: choices[2], command }, error);
      break;
    }
    case 'FailedFlagValidationError': {
      const missing = [...problem.matchAll(/Missing required flag (\S+)/g)].map((match) => `--${match[1]}`);
      const other = /(--[^\s=]+)=.* cannot also be provided when using (--\S+)$/.exec(problem);
      if (other) return cliErrors.USAGE_WRONG({ problem: notBoth(other[1]!, other[2]!), command }, error);
      const one = /Exactly one of the following must be provided: (.+)$/.exec(problem);
      if (one) return cliErrors.USAGE_WRONG({ problem: exactlyOne(one[1]!), command }, error);
      const together = /using (--\S+): (.+)$/.exec(problem);
      if (together) return cliErrors.FLAG_MISSING({ flag: `${together[2]}(${together[1]})`, command }, error);
      if (missing.length > 0) return cliErrors.FLAG_MISSING({ flag: missing.join(', '), command }, error);
    }
  }
  const number =
    /^Parsing (--\S+) Expected an integer (?:(greater|less) than or equal to (\S+) )?but received: (.*)$/.exec(
      problem,
    );
  if (number) {
    const [, flag, bound, limit, value] = number;
    const zh = bound === undefined ? '整数' : `不${bound === 'less' ? '大' : '小'}于 ${limit} 的整数`;
    const en =
      bound === undefined ? 'an integer' : `an integer, at ${bound === 'less' ? 'most' : 'least'} ${limit}`;
    return cliErrors.FLAG_WRONG({ flag, value, shape: { zh, en } }, error);
  }
  return cliErrors.USAGE_WRONG({ problem, command }, error);
}

/** Names alone: what stands behind a flag may be a secret. */
function notBoth(flag: string, other: string): LocalText {
  return { zh: `${flag} 与 ${other} 不能同时给出`, en: `${flag} and ${other} exclude each other` };
}

function exactlyOne(flags: string): LocalText {
  return { zh: `须给出其一:${flags}`, en: `exactly one of ${flags} is needed` };
}

function namesOf(flags: readonly string[] = []): string {
  return flags.map((flag) => flag.split('=')[0]).join(', ');
}

function argumentNames(args: ParserError['args'] = []): string {
  return args.map((arg) => (typeof arg === 'string' ? arg : arg.name)).join(', ');
}

/** Two lines for a person: what happened, what to do. */
export function describeFailure(error: QianzhiError): string {
  return `✗ ${error.code}  ${error.message}\n  → ${error.hint}`;
}

/** What `--json` prints for an error. */
export function failureJson(error: QianzhiError) {
  const { code, kind, message, hint, details } = error;
  return { error: { code, kind, message, hint, details } };
}

/** The last resort, for what fails outside any command: an unknown command, a broken installation. */
export function showFailure(error: unknown, argv: readonly string[]): void {
  const exit = exitRequest(error);
  if (exit !== undefined) {
    process.exitCode = exit;
    return;
  }
  useLanguage(languageOf(process.env));
  const failure = failureOf(error, 'qianzhi');
  process.exitCode = errorKinds[failure.kind].exit;
  if (argv.includes('--json')) process.stdout.write(`${JSON.stringify(failureJson(failure), null, 2)}\n`);
  else process.stderr.write(`${describeFailure(failure)}\n`);
  if (process.env.QZ_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
}
