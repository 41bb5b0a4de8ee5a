import { defineFindings, type Finding } from '../finding.js';

/** One thing wrong in a filled template, with its place as a spreadsheet names it. */
export interface TemplateFinding extends Finding {
  readonly sheet: string;
  /** From 1. */
  readonly row: number;
  /** `C5`. */
  readonly cell: string;
}

export const templateFindings = defineFindings({
  SHEET_MISSING: {
    level: 'error',
    zh: '没有含“资源代码”与“信息项名称”两列的工作表;模板由 qianzhi catalog export --blank --out 文件 给出',
    en: 'no sheet has the columns 资源代码 and 信息项名称; use the template of `qianzhi catalog export --blank --out FILE`',
  },
  LIST_SHEET_MISSING: {
    level: 'error',
    zh: '没有含“信息名称”一列的工作表;样式由 qianzhi catalog list --list demand --out list.xlsx 给出',
    en: 'no sheet has the column 信息名称; `qianzhi catalog list --list demand --out list.xlsx` writes one',
  },
  COLUMN_UNKNOWN: {
    level: 'error',
    zh: '不认识列“{title}”;请改为模板中的列名,或删去该列',
    en: 'the column "{title}" is not known; give it a title of the template or remove it',
  },
  COLUMN_REPEATED: {
    level: 'error',
    zh: '列“{title}”出现了两次;请删去其一',
    en: 'the column "{title}" stands there twice; remove one',
  },
  COLUMN_MISSING: {
    level: 'error',
    zh: '缺少列“{title}”;请补上',
    en: 'the column "{title}" is missing; add it',
  },
  FORMULA: {
    level: 'error',
    zh: '单元格含公式;请复制后“选择性粘贴—数值”',
    en: 'the cell holds a formula; copy it and paste it as a value',
  },
  CELL_ERROR: {
    level: 'error',
    zh: '单元格为错误值(如 #N/A);请改为数值或清空',
    en: 'the cell holds an error such as #N/A; put the value there or clear it',
  },
  CELL_WRONG: { level: 'error', zh: '“{title}”{problem}', en: '{title}: {problem}' },
  JSON_WRONG: {
    level: 'error',
    zh: '“{title}”应为 JSON 对象;请按导出的样式填写或清空',
    en: '{title} wants an object in JSON; write it as an export does, or clear it',
  },
  CODE_MISSING: {
    level: 'error',
    zh: '此行之前没有资源代码;请填写所属资源的代码',
    en: 'no 资源代码 stands here or above; fill in the code of the resource',
  },
  RESOURCE_APART: {
    level: 'error',
    zh: '资源 {resource} 已在第 {first} 行起列出;同一资源的各行须连续,请移到一起',
    en: 'resource {resource} begins in row {first} already; rows of a resource follow each other: move them together',
  },
  RESOURCE_DIFFERS: {
    level: 'error',
    zh: '“{title}”与该资源首行(第 {first} 行)不同;请改为相同或留空',
    en: "{title} differs from the resource's first row ({first}); make it the same or clear it",
  },
  DEPARTMENT_UNKNOWN: {
    level: 'error',
    zh: '提供方无法对应到已登记的部门;请填写“部门标识”(见 qianzhi department list)',
    en: 'the provider is no registered department; fill in 部门标识 (see `qianzhi department list`)',
  },
  RESOURCE_UNKNOWN: {
    level: 'error',
    zh: '代码 {resource} 在“信息资源目录”工作表中没有;请改正或删去此行',
    en: 'the sheet 信息资源目录 has no resource {resource}; correct the code or remove the row',
  },
  ROW_INCOMPLETE: {
    level: 'error',
    zh: '“{title}”不可为空',
    en: '{title} is missing',
  },
  CODE_REPEATED: {
    level: 'error',
    zh: '该代码在同一代码表中重复;请删去其一',
    en: 'the code stands in its table twice; remove one',
  },
  SHAPE: {
    level: 'error',
    zh: '{where}{problem}',
    en: '{where}{problem}',
  },
});
