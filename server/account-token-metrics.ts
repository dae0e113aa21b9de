import { Counter, type Registry } from "prom-client";
import type { CountTokenUse, TokenUse } from "../auth/tokens/token-use.ts";

const metrics: Readonly<Record<TokenUse, readonly [name: string, help: string]>> = {
  valid: ["valid_tokens_total", "Bound tokens of pods that were used in time."],
  stale: ["stale_tokens_total", "Bound tokens of pods that were used after they should have been fetched anew."],
  legacy: ["legacy_tokens_total", "Tokens from secrets that were used."],
  "legacy manual": ["legacy_manual_token_uses_total", "Those that somebody asked for."],
  "legacy generated": ["legacy_auto_token_uses_total", "Those that nobody asked for."],
  "legacy invalid": ["invalid_legacy_auto_token_uses_total", "Those that no longer count."],
};

/** Under upstream's names. */
export function accountTokenMetrics(registry: Registry): CountTokenUse {
  const counters = new Map(
    Object.entries(metrics).map(([use, [name, help]]) => [
      use,
      new Counter({ name: `serviceaccount_${name}`, help, registers: [registry] }),
    ]),
  );
  return (use) => counters.get(use)?.inc();
}
