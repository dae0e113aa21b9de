import type { UserInfo } from "../../api/wire.ts";
import type { Authenticator } from "./authenticator.ts";

const nobody: UserInfo = { name: "system:anonymous", groups: ["system:unauthenticated"] };

/** Asked last, and only when no credentials were refused. With paths: for these alone, to the letter. */
export function anonymous(paths: readonly string[] = []): Authenticator {
  if (paths.length === 0) return () => nobody;
  const open = new Set(paths);
  return ({ url }) => (open.has(url.split("?", 1)[0] ?? "") ? nobody : undefined);
}
