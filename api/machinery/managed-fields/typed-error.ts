/** What is wrong with a value in the eyes of its merge type; `path` as in `.spec.ports[name="http"]`. */
export interface TypedFinding {
  readonly path: string;
  readonly message: string;
}

/** A value does not fit its merge type, or a field set is no field set. The message is upstream's. */
export class TypedError extends Error {
  constructor(findings: readonly TypedFinding[] | string) {
    super(typeof findings === "string" ? findings : describeFindings(findings));
    this.name = "TypedError";
  }
}

function describeFindings(findings: readonly TypedFinding[]): string {
  const said = findings.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  return said.length === 1 ? (said[0] ?? "") : ["errors:", ...said.map((line) => `  ${line}`)].join("\n");
}
