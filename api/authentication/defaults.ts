/** Defaults of the authentication group. */
import type { DefaultRules } from "../schema/default.ts";

export const authenticationDefaults: DefaultRules = {
  "io.k8s.api.authentication.v1.TokenRequestSpec": (spec, set) => set.ifUnset(spec, "expirationSeconds", 3600),
};
