import { type CatalogDraft, type CatalogState, catalogStates, currentLanguage } from '@qianzhi/model';

/** Who does what next, by state; an ended change has nothing. */
const next: Partial<
  Record<CatalogState, { readonly line: (code: string) => string; readonly zh: string; readonly en: string }>
> = {
  draft: { line: (code) => `qianzhi catalog submit ${code}`, zh: '目录编辑员', en: 'a catalog editor' },
  submitted: {
    line: (code) => `qianzhi catalog verify ${code}`,
    zh: '提供部门的管理员',
    en: 'an admin of the providing department',
  },
  verified: {
    line: (code) => `qianzhi catalog register ${code}`,
    zh: '主管部门的审批人',
    en: 'an approver of the competent department',
  },
  registered: { line: (code) => `qianzhi catalog submit ${code}`, zh: '目录编辑员', en: 'a catalog editor' },
  awaiting: {
    line: (code) => `qianzhi catalog release ${code}`,
    zh: '主管部门的审批人',
    en: 'an approver of the competent department',
  },
};

/** Who is to be responsible verifies in place of who is. */
const acceptance = (receiver: string) => ({
  line: (code: string) => `qianzhi catalog verify ${code}`,
  zh: `接收部门 ${receiver} 的管理员`,
  en: `an admin of ${receiver}, which is to be responsible`,
});

/** `social_group  发布  待审核`. */
export function draftLine(draft: CatalogDraft): string {
  const { code, change, state, department } = draft;
  const language = currentLanguage();
  const changes = { publish: { zh: '发布', en: 'publish' }, withdraw: { zh: '撤销', en: 'withdraw' } };
  const receiver = receiverOf(draft);
  const moved = {
    zh: `责任部门 ${department} → ${receiver}`,
    en: `responsible: ${department} → ${receiver}`,
  };
  return `${code}  ${(receiver ? moved : changes[change])[language]}  ${catalogStates[state][language]}`;
}

/** The department that is to be responsible, where the change is that it is another. */
function receiverOf({ department, resource }: CatalogDraft): string | undefined {
  return resource && resource.department !== department ? resource.department : undefined;
}

/** The next step with who takes it; undefined at the end. */
export function nextStep(draft: CatalogDraft): string | undefined {
  const { code, state } = draft;
  const receiver = receiverOf(draft);
  const step = receiver && state === 'submitted' ? acceptance(receiver) : next[state];
  if (!step) return undefined;
  const line = step.line(code);
  return currentLanguage() === 'zh' ? `下一步,由${step.zh}:${line}` : `next, by ${step.en}: ${line}`;
}

/** What stands against registration, and what to look at. */
export function findingLines({ findings }: CatalogDraft): string[] {
  return findings.map((one) => `  ${one.level === 'error' ? '✗' : '!'} ${one[currentLanguage()]}`);
}
