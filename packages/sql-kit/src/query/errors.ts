import { defineErrors } from '@qianzhi/model';

/** Of questions that connectors prepare and ask. Details name tables, columns and parameters; never a value. */
export const queryErrors = defineErrors('SQL', {
  STATEMENT_WRONG: {
    kind: 'config',
    zh: {
      message: '查询语句不可用:{problem}',
      hint: '改正 agent.yaml 中 queries 的 statement,用 qianzhi doctor 检查后执行 qianzhi agent reload',
    },
    en: {
      message: 'the statement of a query service cannot be used: {problem}',
      hint: 'correct `statement` under `queries` in agent.yaml, check with `qianzhi doctor`, then run `qianzhi agent reload`',
    },
  },
  STATEMENT_REFUSED: {
    kind: 'config',
    zh: {
      message: '数据库 {server} 不接受查询语句({reason})',
      hint: '在数据库中试运行该语句并核对权限,改正 agent.yaml 后用 qianzhi doctor 检查,再执行 qianzhi agent reload',
    },
    en: {
      message: 'database {server} does not take the statement of a query service ({reason})',
      hint: 'try it in the database and check the grants, correct agent.yaml, check with `qianzhi doctor`, then run `qianzhi agent reload`',
    },
  },
  LOOKUP_UNFIT: {
    kind: 'config',
    zh: {
      message: '表“{table}”的列“{column}”不能与查询参数 {parameter} 直接比较:{problem}',
      hint: '改用 statement 写明比较方式,或在 by 中改为另一列;用 qianzhi doctor 检查后执行 qianzhi agent reload',
    },
    en: {
      message:
        'column "{column}" of table "{table}" cannot be compared with parameter {parameter} as it is: {problem}',
      hint: 'write a `statement` that says how, or name another column under `by`; check with `qianzhi doctor`, then run `qianzhi agent reload`',
    },
  },
  QUERY_TIMEOUT: {
    kind: 'timeout',
    zh: {
      message: '数据库 {server} 在 {timeoutMs} 毫秒内没有答复查询,已终止',
      hint: '为条件列建立索引,或加大该查询服务的 timeoutMs,然后执行 qianzhi agent reload;可缩小条件后重新查询',
    },
    en: {
      message: 'database {server} did not answer a query within {timeoutMs} ms; it was ended',
      hint: 'index the columns it looks by, or raise `timeoutMs` of the query service, then run `qianzhi agent reload`; or ask for less',
    },
  },
});
