import { describeFieldError, type FieldError } from "../../api/machinery/field-error.ts";

/** The configuration cannot be used; the message says what to change, in upstream's words. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

export function refuse(findings: readonly FieldError[]): never {
  const said = findings.map((finding) => `${finding.field}: ${describeFieldError(finding)}`);
  throw new ConfigurationError(said.length === 1 ? said[0] : `[${said.join(", ")}]`);
}
