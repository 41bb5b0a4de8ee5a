import { defineErrors } from '@qianzhi/model';

export const requestErrors = defineErrors('CLI', {
  FORWARD_TO: {
    kind: 'config',
    zh: {
      message: '申请 {agreement} 的提供部门由资源确定,不能以 --to 改为 {department}',
      hint: '去掉 --to:qianzhi agreement forward {agreement}',
    },
    en: {
      message:
        'who provides what {agreement} asks for is said by the resource; --to {department} cannot change it',
      hint: 'leave --to out: `qianzhi agreement forward {agreement}`',
    },
  },
  REQUEST_FLAG: {
    kind: 'config',
    zh: {
      message: '{request} 是目录外申请,{flags} 只用于目录内的申请',
      hint: '去掉这些参数后重试;查看该申请:qianzhi agreement show {request}',
    },
    en: {
      message: '{request} is an off-catalog request; {flags} is for applications to what the catalog holds',
      hint: 'leave it out and try again; `qianzhi agreement show {request}` shows the request',
    },
  },
  REQUEST_NOT_LINKED: {
    kind: 'conflict',
    zh: {
      message: '目录外申请 {request} 还没有已发布的目录条目,不能据以申请',
      hint: '查看进展和下一步:qianzhi agreement show {request}',
    },
    en: {
      message:
        'off-catalog request {request} has no published catalog entry yet, so that nothing can be applied for',
      hint: 'see how it stands and what comes next: `qianzhi agreement show {request}`',
    },
  },
});
