import { readFileSync } from 'node:fs';

/** Prints the closing line of a run and exits as the tests did; a report that is missing or empty is a failure. */
const [report, exitCode] = process.argv.slice(2);
const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites } =
  readReport(report);
// A file that could not be loaded has no tests of its own to fail.
const failed = Math.max(numFailedTests, numFailedTestSuites > 0 || exitCode !== '0' ? 1 : 0);
const skipped = numPendingTests + numTodoTests;
const skipsFail = process.env.QZ_REQUIRE_SERVICES === '1' && skipped > 0;
if (skipsFail) console.error(`${skipped} tests were skipped; with QZ_REQUIRE_SERVICES=1 none may be`);
console.log(`${numPassedTests} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || numPassedTests === 0 || skipsFail ? 1 : 0;

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
