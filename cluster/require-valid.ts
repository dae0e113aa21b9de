import { describeFieldError, type FieldError } from "../api/machinery/field-error.ts";
import { OptionError } from "./option-error.ts";

/** Throws an OptionError that tells of all that was found, in the form in which Go joins errors. */
export function requireValid(findings: readonly FieldError[]): void {
  const problems = findings.map((finding) => `${finding.field}: ${describeFieldError(finding)}`);
  if (problems.length === 0) return;
  throw new OptionError(problems.length === 1 ? (problems[0] ?? "") : `[${problems.join(", ")}]`);
}
