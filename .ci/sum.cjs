// `node sum.cjs <failed steps> <vitest json>…` adds up what vitest's JSON reporter wrote, prints "N passed, N failed" and
// ends with 1 if anything failed or nothing ran.
const { readFileSync } = require("node:fs");

const [steps, ...files] = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const file of files) {
  try {
    const run = JSON.parse(readFileSync(file, "utf8"));
    passed += run.numPassedTests;
    failed += run.numFailedTests;
    // A file that cannot even be loaded, or whose set-up fails, has no failed test to count.
    failed += run.testResults.filter(
      ({ status, assertionResults }) =>
        status === "failed" && !assertionResults.some((test) => test.status === "failed"),
    ).length;
  } catch (error) {
    console.log(`no results in ${file}: ${error.message}`);
    failed += 1;
  }
}
// A step without tests (types, lint, installation) counts as one.
if (failed === 0) failed = Number(steps);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
