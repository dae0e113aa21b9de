import { bootstrapTokenEnd, bootstrapTokens, isBootstrapTokenFor, secretText } from "../api/core/bootstrap-tokens.ts";
import type { Secret } from "../api/generated/types/core-v1.ts";
import { humanDuration } from "../api/machinery/duration.ts";
import type { DeepReadonly } from "../api/machinery/object.ts";
import { formatTime } from "../api/machinery/time.ts";
import { realClock } from "../base/clock.ts";
import { secrets } from "../client/resource-types.ts";
import type { Terminal } from "./terminal.ts";
import { type ServerFlags, withServer } from "./token-server.ts";

const header = ["ID", "TTL", "EXPIRES", "USAGES", "DESCRIPTION", "EXTRA GROUPS"] as const;

/** `wherry token list`: by id; the secret halves are told once, when they are made. */
export async function listTokens(flags: ServerFlags, { out }: Terminal): Promise<void> {
  const found = await withServer(flags, (client) =>
    client.list(secrets, { namespace: bootstrapTokens.namespace, fieldSelector: `type=${bootstrapTokens.type}` }),
  );
  out.write(table([header, ...found.map((secret) => rowOf(secret, realClock.now()))]));
}

function rowOf(secret: DeepReadonly<Secret>, now: number): readonly string[] {
  const end = bootstrapTokenEnd(secret);
  const usages = (["authentication", "signing"] as const).filter((usage) => isBootstrapTokenFor(secret, usage));
  return [
    secretText(secret, "token-id") || "<invalid>",
    end === undefined ? "<forever>" : end <= now ? "<expired>" : humanDuration(Math.floor((end - now) / 1000)),
    end === undefined ? "<never>" : Number.isFinite(end) ? formatTime(end) : "<invalid>",
    usages.join(",") || "<none>",
    secretText(secret, "description") || "<none>",
    secretText(secret, "auth-extra-groups") || "<none>",
  ];
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = header.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("   ")
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join("");
}
