// Adds up vitest's JSON results in a folder and prints one plain line over everything. Under CI, which installs what the
// tests need, a skipped test is a failure.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2] ?? "";
const sum = { passed: 0, failed: 0, skipped: 0 };
for (const name of readdirSync(folder)) {
  const result = JSON.parse(readFileSync(join(folder, name), "utf8"));
  sum.passed += result.numPassedTests;
  sum.failed += result.numFailedTests + (result.numFailedTests === 0 && !result.success ? 1 : 0);
  sum.skipped += result.numPendingTests + result.numTodoTests;
  for (const { assertionResults } of result.testResults)
    for (const { status, fullName } of assertionResults)
      if (status === "pending" || status === "skipped" || status === "todo") console.log(`skipped: ${fullName}`);
}
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
const isSkipAllowed = process.env["CI"] !== "true";
process.exitCode = sum.failed > 0 || sum.passed === 0 || (sum.skipped > 0 && !isSkipAllowed) ? 1 : 0;
