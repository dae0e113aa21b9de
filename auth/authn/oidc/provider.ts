import { isObject } from "../../../api/machinery/members.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/log.ts";
import type { Issuer } from "../configuration/authentication-configuration.ts";
import { TokenError } from "../token-authenticator.ts";
import type { GetJson } from "./get-json.ts";
import { KeySet } from "./key-set.ts";

export interface ProviderParts {
  readonly getJson: GetJson;
  /** Real time: issuers are elsewhere. */
  readonly timers: Clock;
  readonly log: Logger;
  /** Ends the attempts to reach the issuer. */
  readonly signal: AbortSignal;
}

/** Upstream's pause between two attempts to reach an issuer. */
const retryMs = 10_000;

/** Knows an issuer's keys, as soon as it can be reached. */
export interface Provider {
  /** Throws TokenError until then. */
  readonly keys: () => KeySet;
  /** Resolves then; never, if it is not reached. */
  readonly ready: Promise<void>;
}

/** Asks the issuer where its keys are, again and again until it answers. */
export function startProvider(issuer: Issuer, parts: ProviderParts): Provider {
  const { timers, log, signal } = parts;
  let keys: KeySet | undefined;
  const failed = (what: string, thrown: unknown): void => {
    if (signal.aborted) return;
    log.error(what, { issuer: issuer.url, why: thrown instanceof Error ? thrown.message : String(thrown) });
  };
  const attempt = async (reached: () => void): Promise<void> => {
    try {
      const url = await keySetUrl(issuer, parts);
      keys = new KeySet({
        fetch: () => parts.getJson(url, issuer.certificateAuthority, signal),
        timers,
        failed: (thrown) => failed("oidc authenticator: keys could not be refreshed", thrown),
      });
      reached();
    } catch (thrown) {
      failed("oidc authenticator: initializing plugin", thrown);
      if (signal.aborted) return;
      const cancel = timers.after(retryMs, () => {
        signal.removeEventListener("abort", cancel);
        void attempt(reached);
      });
      signal.addEventListener("abort", cancel, { once: true });
    }
  };
  return {
    ready: new Promise((resolve) => void attempt(resolve)),
    keys() {
      if (keys === undefined) throw new TokenError("oidc: authenticator not initialized");
      return keys;
    },
  };
}

/** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig */
async function keySetUrl(
  { url, discoveryURL, certificateAuthority }: Issuer,
  { getJson, signal }: ProviderParts,
): Promise<string> {
  const place = discoveryURL === "" ? `${url.replace(/\/$/, "")}/.well-known/openid-configuration` : discoveryURL;
  const document = await getJson(place, certificateAuthority, signal);
  const { issuer, jwks_uri: keys } = isObject(document) ? document : {};
  if (issuer !== url)
    throw new Error(
      `oidc: issuer URL provided to client (${JSON.stringify(url)}) did not match the issuer URL returned by provider (${JSON.stringify(issuer ?? "")})`,
    );
  if (typeof keys !== "string" || keys === "") throw new Error("provider did not return JWKS URL");
  if (!URL.canParse(keys) || new URL(keys).protocol !== "https:")
    throw new Error(`oidc: the JWKS URL ${JSON.stringify(keys)} is not an https URL`);
  return keys;
}
