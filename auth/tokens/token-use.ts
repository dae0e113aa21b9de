/** How a good token was used, for metrics: "stale" by who should have fetched a new one, "invalid" where it no longer counts. */
export type TokenUse = "valid" | "stale" | "legacy" | "legacy manual" | "legacy generated" | "legacy invalid";

export type CountTokenUse = (use: TokenUse) => void;
