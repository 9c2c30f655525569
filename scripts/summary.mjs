// Adds up the JSON reports of vitest that are named: prints `N passed, N failed, N skipped` and fails where any failed.
// `--failed NAME` counts a check without a report, the linters', as one more that failed.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

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
  const { values, positionals } = parseArgs({
    options: { failed: { type: 'string', multiple: true, default: [] } },
    allowPositionals: true,
  });
  for (const check of values.failed) console.log(`failed: ${check}`);
  const { passed, failed, skipped } = summary([
    ...values.failed.map(() => null),
    ...positionals.map((file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null)),
  ]);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
}
