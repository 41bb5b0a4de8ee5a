/** Words of a command line, double quotes kept together. */
export function wordsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!);
}

/** Every command a text names between back quotes, as typed. */
export function commandsIn(text: string): string[] {
  return [...text.matchAll(/`(qianzhi [^`]+)`/g)].map(([, command]) => command!);
}
