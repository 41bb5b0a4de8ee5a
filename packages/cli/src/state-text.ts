/** What `check-state` says of a state this version can open. */
export function stateText(
  { present, current }: { readonly present: boolean; readonly current: boolean },
  say: (zh: string, en: string) => string,
): string {
  if (!present) return say('尚无状态', 'there is no state yet');
  return current
    ? say('✓ 本版本可以使用现有状态', '✓ this version can use the state')
    : say(
        '✓ 本版本可以使用现有状态;启动时将转换其结构,请先备份',
        '✓ this version can use the state; starting converts its structure: back it up first',
      );
}
