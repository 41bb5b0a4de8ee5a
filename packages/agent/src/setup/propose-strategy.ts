import type { CatalogResource, LocalText, ReadStrategy } from '@qianzhi/model';
import type { ColumnDescription, ConnectorCapabilities, TableDescription } from '@qianzhi/plugin-api';

export interface StrategyProposal {
  readonly strategy: ReadStrategy;
  /** For `watermark`: the column that says when a row was changed. */
  readonly watermark?: string;
  /** Why, for the person who decides. */
  readonly reason: LocalText;
}

/** Above this a full read for each comparison is no longer cheap: some seconds of the source's time. */
const MANY_ROWS = 1_000_000;

/** Columns called after a change: 更新时间, updated_at, gxsj. One of creation does not move with an update. */
const changed = /(upd|modif|chang|last|rev(ision)?_?(time|at)|gxsj|gxrq|xgsj|xgrq|bgsj|更新|修改|变更|变动)/i;

/**
 * What can be proposed for a table, the best first. `diff` sees deletes and needs nothing of the source, so it is proposed unless
 * the table is large or wanted at once, and a change-time column with an index leads straight to what is new. Without a key
 * no change of one row can be told: the whole table is all there is.
 */
export function proposeStrategies(
  capabilities: ConnectorCapabilities,
  table: TableDescription,
  { updateCycle, items }: Pick<CatalogResource, 'updateCycle' | 'items'>,
): StrategyProposal[] {
  const keyed = items.some(({ key }) => key);
  const reads = (strategy: ReadStrategy) =>
    capabilities.read.includes(strategy) && (keyed || strategy === 'snapshot');
  const time = reads('watermark') ? changeTime(table) : undefined;
  const watermark = time && byWatermark(time, table);
  const full = reads('snapshot') ? [byDiff(table, time), bySnapshot] : [];
  const quick = watermark && isIndexed(table, time.name) && isWorthIt(table, updateCycle);
  const proposals = quick ? [watermark, ...full] : [...full, ...(watermark ? [watermark] : [])];
  const told = [byCapture, byFlag].filter(({ strategy }) => reads(strategy));
  return proposals.length > 0 ? [...proposals, ...told] : capabilities.read.map(onlyThese);
}

function isWorthIt({ rows }: TableDescription, cycle: CatalogResource['updateCycle']): boolean {
  return cycle === 'realtime' || (rows !== null && rows >= MANY_ROWS);
}

/** One that is never empty and has an index rather than another. */
function changeTime(table: TableDescription): ColumnDescription | undefined {
  const times = table.columns.filter(
    ({ type, name, comment }) => type === 'T' && changed.test(`${name} ${comment ?? ''}`),
  );
  const worth = (column: ColumnDescription) =>
    (isIndexed(table, column.name) ? 2 : 0) + (column.nullable ? 0 : 1);
  return times.toSorted((a, b) => worth(b) - worth(a))[0];
}

function isIndexed({ indexed }: TableDescription, column: string): boolean {
  return indexed?.includes(column) ?? false;
}

function byWatermark({ name }: ColumnDescription, table: TableDescription): StrategyProposal {
  const index = isIndexed(table, name)
    ? { zh: '有索引,只读改动的行', en: 'has an index: only changed rows are read' }
    : {
        zh: '没有可用的索引,每次仍要扫描全表',
        en: 'has no index known: the whole table is scanned each time',
      };
  return {
    strategy: 'watermark',
    watermark: name,
    reason: {
      zh: `按更新时间列 ${name}(${index.zh});发现不了删除`,
      en: `by the change time ${name}, which ${index.en}; deleted rows go unseen`,
    },
  };
}

function byDiff({ rows }: TableDescription, time: ColumnDescription | undefined): StrategyProposal {
  const size = rows === null ? { zh: '', en: '' } : { zh: `(约 ${rows} 行)`, en: ` of about ${rows} rows` };
  const why = time
    ? { zh: '', en: '' }
    : { zh: ';表中没有更新时间列', en: '; the table has no column that says when a row was changed' };
  return {
    strategy: 'diff',
    reason: {
      zh: `每次读全表${size.zh}与上次已签收的比对,只送差异;能发现删除,源库无须改动${why.zh}`,
      en: `reads the table${size.en} and sends what differs from the last receipted copy; sees deletes, changes nothing in the source${why.en}`,
    },
  };
}

const bySnapshot: StrategyProposal = {
  strategy: 'snapshot',
  reason: {
    zh: '每次全量发送;适合很小或整表替换的表',
    en: 'sends the whole table each time; for small tables, or ones replaced as a whole',
  },
};

const byCapture: StrategyProposal = {
  strategy: 'change-table',
  reason: {
    zh: '由触发器记下每次变更,含删除;须先建立变更捕获 (connector capture install)',
    en: 'triggers record every change, deletes included; capture has to be made before (connector capture install)',
  },
};

const byFlag: StrategyProposal = {
  strategy: 'flag',
  reason: {
    zh: '业务系统在标志列写入待取值,取走并收到回执后置为完成;发现不了删除',
    en: 'programs of the department mark rows in a column, which is set done with the receipt; deleted rows go unseen',
  },
};

function onlyThese(strategy: ReadStrategy): StrategyProposal {
  return {
    strategy,
    reason: { zh: '该连接器只能这样读取', en: 'this connector reads in no other way' },
  };
}
