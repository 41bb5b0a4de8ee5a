/** What is wrong in both languages. */
export interface Problem {
  readonly zh: string;
  readonly en: string;
}

/** The coded errors of whoever reads a workbook: what to do about it differs. None of them holds the value of a cell. */
export interface WorkbookFaults {
  /** No sound XLSX. */
  damaged(problem: Problem): Error;
  /** `what` takes more than is kept in memory. */
  tooLarge(what: Problem, mebibytes: number): Error;
}
