/** `wherry/testing` as it is built, for what runs from the sources is compiled in another way. */
export const builtLibrary: string = new URL("../dist/cluster/testing.js", import.meta.url).href;

export async function loadBuiltLibrary(): Promise<typeof import("../cluster/testing.ts")> {
  return (await import(builtLibrary)) as typeof import("../cluster/testing.ts");
}
