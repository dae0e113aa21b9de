import { CommanderError } from "commander";
import { KubeconfigError } from "../certs/merge-kubeconfig.ts";
import { UserError } from "./user-error.ts";

export interface Explanation {
  readonly exitCode: number;
  /** One line; absent when all has been said. */
  readonly line?: string;
}

/** What went wrong in one line that says what to do. Undefined: it is our own fault. */
export function explain(thrown: unknown): Explanation | undefined {
  if (thrown instanceof CommanderError) return misuse(thrown);
  if (thrown instanceof UserError || thrown instanceof KubeconfigError) return { exitCode: 1, line: thrown.message };
  if (thrown instanceof Error && "code" in thrown && "path" in thrown && fileProblems.has(String(thrown.code))) {
    return { exitCode: 1, line: `${thrown.message}; check that path, its owner and the disk` };
  }
  return undefined;
}

const fileProblems: ReadonlySet<string> = new Set([
  "EACCES",
  "EPERM",
  "EROFS",
  "ENOSPC",
  "EDQUOT",
  "ENOTDIR",
  "EISDIR",
  "ENOENT",
  "ELOOP",
]);

/** Help and the version come as exceptions too. */
function misuse({ exitCode, message }: CommanderError): Explanation {
  if (exitCode === 0) return { exitCode };
  const parts = [...message.replace(/^error: /, "").split("\n"), "see --help"];
  return {
    exitCode: 2,
    line: parts
      .map((part) => part.replace(/\.$/, ""))
      .filter((part) => part !== "")
      .join("; "),
  };
}
