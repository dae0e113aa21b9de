/** Put in by `scripts/build.ts`. */
declare const wherryBuild: string | undefined;

/** Names the code of the built command; undefined when it runs from its sources, or as a library. */
export const buildId: string | undefined = typeof wherryBuild === "string" ? wherryBuild : undefined;
