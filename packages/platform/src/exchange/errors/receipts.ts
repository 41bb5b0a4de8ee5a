import { defineErrors } from '@qianzhi/model';

/** Of consumers' receipts. */
export const receiptErrors = defineErrors('PLATFORM', {
  RECEIPT_ISSUER: {
    kind: 'denied',
    zh: {
      message: '签收 {receipt} 的签发者不是该交付流消费部门的前置机',
      hint: '签收已拒绝;核对前置机身份后执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'receipt {receipt} is not issued by an agent of the department this delivery is for',
      hint: 'it is refused; check the identity of the agent, then run `qianzhi stream resume {resource}`',
    },
  },
  RECEIPT_GAP: {
    kind: 'conflict',
    zh: {
      message: '交付流 {delivery} 的签收从第 {seqFrom} 批开始,应从第 {expected} 批开始',
      hint: '前置机将按台账补送签收;若持续出现执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'a receipt of {delivery} begins at batch {seqFrom}, {expected} is expected',
      hint: 'the agent rebuilds receipts from its ledger; if it goes on, run `qianzhi stream resume {resource}`',
    },
  },
  RECEIPT_CHAIN: {
    kind: 'conflict',
    zh: {
      message: '交付流 {delivery} 的签收不接续前一签收',
      hint: '前置机将按台账重建签收链;若持续出现执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'a receipt of {delivery} does not follow the receipt before it',
      hint: 'the agent rebuilds receipts from its ledger; if it goes on, run `qianzhi stream resume {resource}`',
    },
  },
  RECEIPT_DIFFERS: {
    kind: 'integrity',
    zh: {
      message: '交付流 {delivery} 第 {seqFrom}–{seqTo} 批的签收与所交付内容不符:{problemZh}',
      hint: '签收已拒绝并记入审计;核对目标库台账后执行 qianzhi stream resume {resource}',
    },
    en: {
      message:
        'the receipt of {delivery}, batches {seqFrom} to {seqTo}, does not fit what was delivered: {problem}',
      hint: "it is refused and audited; look at the target's ledger, then run `qianzhi stream resume {resource}`",
    },
  },
  RECEIPT_UNBALANCED: {
    kind: 'integrity',
    zh: {
      message:
        '交付流 {delivery} 第 {seqFrom}–{seqTo} 批的签收计数不平:交付 {delivered} ≠ 应用 {applied} + 拒绝 {rejected}',
      hint: '签收已拒绝并记入审计;核对目标库台账后执行 qianzhi stream resume {resource}',
    },
    en: {
      message:
        'the receipt of {delivery}, batches {seqFrom} to {seqTo}, does not balance: delivered {delivered} is not applied {applied} + rejected {rejected}',
      hint: "it is refused and audited; look at the target's ledger, then run `qianzhi stream resume {resource}`",
    },
  },
  RECEIPT_CONFLICT: {
    kind: 'integrity',
    zh: {
      message: '交付流 {delivery} 第 {seqFrom}–{seqTo} 批已有内容不同的签收',
      hint: '签收不可更改,新签收已拒绝并记入审计;核对目标库台账后执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'batches {seqFrom} to {seqTo} of {delivery} have another receipt already',
      hint: "receipts do not change; this one is refused and audited. Look at the target's ledger, then `qianzhi stream resume {resource}`",
    },
  },
});
