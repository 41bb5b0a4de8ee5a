export * from './agreement/agreement.js';
export * from './agreement/matter.js';
export * from './agreement/matter-words.js';
export * from './agreement/off-catalog.js';
export * from './agreement/use.js';
export * from './audit/entry.js';
export * from './batch/delivery.js';
export { fileListText, filePartText } from './batch/file-list.js';
export { fileNameKey, fileNameProblem, MAX_FILE_NAME_BYTES } from './batch/file-name.js';
export * from './batch/file-part.js';
export * from './batch/files-in-batch.js';
export * from './batch/manifest.js';
export * from './calendar/arrangement.js';
export { chinaDay, nextChinaDay } from './calendar/china-day.js';
export { type Deadline, DeadlineSchema } from './calendar/deadline.js';
export { type TimedSignal, throwIfCancelled, withinTime } from './cancel.js';
export { type CheckOptions, checkResource } from './catalog/checks.js';
export { compareSchemas, type SchemaChange } from './catalog/difference.js';
export * from './catalog/entry.js';
export { compareEntries, type EntryChange } from './catalog/entry-difference.js';
export { fieldLabels, itemFieldLabels } from './catalog/entry-labels.js';
export { valueText } from './catalog/entry-words.js';
export type { Finding, FindingLevel } from './catalog/finding.js';
export * from './catalog/item.js';
export * from './catalog/lifecycle.js';
export * from './catalog/likeness.js';
export * from './catalog/lists.js';
export * from './catalog/query-service.js';
export * from './catalog/region.js';
export * from './catalog/resource.js';
export type { ItemChange, ItemChangeCode } from './catalog/schema-change.js';
export { type CatalogSummary, type SummarisedResource, summariseCatalog } from './catalog/summary.js';
export {
  type ColumnMapping,
  compareTable,
  type TableColumn,
  type TableSide,
} from './catalog/table-comparison.js';
export { type DriftingTable, driftCodes, tableDrift } from './catalog/table-drift.js';
export type { TemplateFinding } from './catalog/template/findings.js';
export { listNames, listSheet, type ReadList, readList } from './catalog/template/list-template.js';
export type { SheetGrid } from './catalog/template/read-sheet.js';
export { type ReadTemplate, readTemplate, type TemplatePlace } from './catalog/template/read-template.js';
export { type TemplateSheet, templateSheets, tooLongCell } from './catalog/template/write-template.js';
export { cycleSeconds, updateDueAt } from './catalog/update-cycle.js';
export { type KeyRecord, KeyRecordSchema } from './crypto/keys.js';
export { SignatureSchema, type Signed, SignedSchema } from './crypto/signed.js';
export * from './download/download.js';
export * from './download/trace-finding.js';
export * from './duty/duty-event.js';
export * from './duty/duty-view.js';
export * from './duty/kinds.js';
export * from './duty/timed-duty.js';
export { actText } from './errors/act-text.js';
export * from './errors/define-errors.js';
export { type ErrorKind, type ErrorKindRule, errorKinds } from './errors/kinds.js';
export {
  currentLanguage,
  type Language,
  type LocalText,
  languageOf,
  useLanguage,
} from './errors/language.js';
export { fromProblem, type Problem, ProblemSchema, toProblem } from './errors/problem.js';
export {
  type ErrorDetails,
  type ErrorText,
  type ErrorTexts,
  isQianzhiError,
  QianzhiError,
} from './errors/qianzhi-error.js';
export { isDiskFull, systemCode, systemReason } from './errors/system-reason.js';
export { modelErrors } from './errors.js';
export * from './exchange/exchange.js';
export { type Mode, ModeSchema } from './exchange/mode.js';
export * from './exchange/stream.js';
export { checkIdentifier } from './identifier/check-identifier.js';
export { citizenIdFrom, isCitizenId } from './identifier/citizen-id.js';
export { isOrgCode, orgCodeFrom } from './identifier/org-code.js';
export { isRegNo, regNoFrom } from './identifier/reg-no.js';
export { isUscc, usccFrom } from './identifier/uscc.js';
export { checkPolicyProfile, type PolicyFinding } from './policy/checks.js';
export * from './policy/profile.js';
export {
  type PolicyDifference,
  type PolicyRule,
  policyDifferences,
  policyRules,
} from './policy/rules.js';
export * from './protocol/agent-reports.js';
export * from './protocol/agent-routes.js';
export * from './protocol/agreement-routes.js';
export * from './protocol/audit-routes.js';
export * from './protocol/catalog-lifecycle-routes.js';
export * from './protocol/catalog-routes.js';
export * from './protocol/department-routes.js';
export * from './protocol/download-routes.js';
export * from './protocol/duty-routes.js';
export * from './protocol/evidence-routes.js';
export * from './protocol/exchange-routes.js';
export { formRoutes } from './protocol/form-routes.js';
export * from './protocol/identity-routes.js';
export * from './protocol/line.js';
export * from './protocol/list-routes.js';
export {
  type Matter,
  MatterEventSchema,
  MatterSchema,
  matterRoutes,
} from './protocol/matter-routes.js';
export {
  type OffCatalogRequest,
  OffCatalogRequestSchema,
  offCatalogRoutes,
} from './protocol/off-catalog-routes.js';
export * from './protocol/package-routes.js';
export * from './protocol/person-routes.js';
export * from './protocol/policy-routes.js';
export * from './protocol/query-routes.js';
export * from './protocol/reconcile-routes.js';
export * from './protocol/route.js';
export * from './protocol/scenario-routes.js';
export * from './protocol/usage-routes.js';
export * from './protocol/waiver-routes.js';
export * from './query/answer.js';
export * from './query/local-query.js';
export * from './query/policy.js';
export * from './query/request.js';
export { answerText } from './query/row-text.js';
export * from './query/tunnel.js';
export * from './receipt/archive.js';
export * from './receipt/receipt.js';
export * from './reconcile/reconcile.js';
export { bindScope, canonicalScope, narrowedScope, readScope } from './scope/bind.js';
export { parseScope } from './scope/parse.js';
export { printScope } from './scope/print.js';
export * from './scope/scope.js';
export { checkShape, hasShape, plainSchema } from './shape.js';
export { type ShapeFinding, shapeProblem } from './shape-problem.js';
export * from './trace/cell-check.js';
export * from './trace/sample.js';
export { readUtf8 } from './utf8.js';
