import type { Hook } from '@oclif/core/hooks';
import { cliErrors } from './errors.js';

/** `job list here`: oclif takes the words behind a command without arguments for a command that is not there. */
const tellExtraWords: Hook.CommandNotFound = async ({ config, id, argv = [] }) => {
  const words = id.split(':');
  for (let count = words.length - 1; count > 0; count--) {
    const command = words.slice(0, count).join(':');
    if (!config.findCommand(command)) continue;
    const extra = words.length - count + argv.filter((word) => !word.startsWith('-')).length;
    throw cliErrors.ARGUMENT_UNEXPECTED({ count: extra, command: `qianzhi ${command.replaceAll(':', ' ')}` });
  }
  throw cliErrors.COMMAND_UNKNOWN({ command: words.join(' ') });
};

export default tellExtraWords;
