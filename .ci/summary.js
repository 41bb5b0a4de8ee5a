import { readFileSync } from 'node:fs';

/**
 * Prints the closing line over all runs, given as pairs of report and exit code, and exits as the tests did; a report that
 * is missing or empty is a failure.
 */
const given = process.argv.slice(2);
const runs = [];
for (let i = 0; i < given.length; i += 2) runs.push(countsOf(given[i], given[i + 1]));
const sum = (name) => runs.reduce((total, run) => total + run[name], 0);
const skipped = sum('skipped');
const skipsFail = process.env.QZ_REQUIRE_SERVICES === '1' && skipped > 0;
if (skipsFail) console.error(`${skipped} tests were skipped; with QZ_REQUIRE_SERVICES=1 none may be`);
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${skipped} skipped`);
const empty = runs.length === 0 || runs.some((run) => run.passed === 0);
process.exitCode = sum('failed') > 0 || empty || skipsFail ? 1 : 0;

function countsOf(file, exitCode) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites } =
    readReport(file);
  // A file that could not be loaded has no tests of its own to fail.
  const failed = Math.max(numFailedTests, numFailedTestSuites > 0 || exitCode !== '0' ? 1 : 0);
  return { passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests };
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    console.error(`no test report: ${error.message}`);
    return {
      numPassedTests: 0,
      numFailedTests: 1,
      numPendingTests: 0,
      numTodoTests: 0,
      numFailedTestSuites: 0,
    };
  }
}
