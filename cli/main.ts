#!/usr/bin/env node
import { explain } from "./explain.ts";
import { runProgram } from "./program.ts";
import { systemTerminal } from "./terminal.ts";

const terminal = systemTerminal(process);
// Who reads our output may stop reading: `wherry kubeconfig | head -1`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
try {
  process.exitCode = await runProgram(process.argv.slice(2), terminal);
} catch (thrown) {
  const explanation = explain(thrown);
  process.exitCode = explanation?.exitCode ?? 1;
  if (explanation === undefined) console.error("wherry: this should not have happened:", thrown);
  else if (explanation.line !== undefined) terminal.err.write(`wherry: ${explanation.line}\n`);
}
