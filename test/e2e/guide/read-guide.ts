import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A block of the guide: commands for a shell, or a file to save under the name its first line gives. */
export type GuideBlock =
  | { readonly kind: 'commands'; readonly text: string }
  | { readonly kind: 'file'; readonly name: string; readonly text: string };

export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The blocks between the guide's two marks in a README, in their order. Throws where a block says neither. */
export function readGuide(readme: string): GuideBlock[] {
  const text = readFileSync(`${root}${readme}`, 'utf8');
  const guide = /^<!-- guide: [^\n]*\n(.*?)^<!-- \/guide -->$/ms.exec(text)?.[1];
  if (guide === undefined) throw new Error(`${readme} has no guide between its marks`);
  return [...guide.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, body]) => {
    if (language === 'sh') return { kind: 'commands', text: body! };
    const name = /^(?:#|--) (\S+)\n/.exec(body!)?.[1];
    if (name === undefined) throw new Error(`a block of the guide in ${readme} names no file:\n${body}`);
    return { kind: 'file', name, text: body! };
  });
}

/** One shell script: the commands as they stand, the files written where they come. */
export function scriptOf(blocks: readonly GuideBlock[]): string {
  return blocks
    .map((block) =>
      block.kind === 'commands'
        ? block.text
        : `cat > '${block.name}' <<'END OF THE FILE'\n${block.text}END OF THE FILE\n`,
    )
    .join('\n');
}
