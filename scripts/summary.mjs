// Adds up the JSON reports of vitest that are named: prints `N passed, N failed, N skipped` and fails where any failed.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** A file that ends before its tests are known, and a report that nobody wrote, are one failure each. */
export function summary(reports) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const report of reports) {
    if (report === null) {
      counts.failed += 1;
      continue;
    }
    for (const { status, assertionResults } of report.testResults) {
      const failed = assertionResults.filter((one) => one.status === 'failed').length;
      const passed = assertionResults.filter((one) => one.status === 'passed').length;
      counts.passed += passed;
      counts.failed += status === 'failed' ? Math.max(failed, 1) : failed;
      counts.skipped += assertionResults.length - passed - failed;
    }
  }
  return counts;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === import.meta.filename) {
  const { passed, failed, skipped } = summary(
    process.argv.slice(2).map((file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null)),
  );
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
}
