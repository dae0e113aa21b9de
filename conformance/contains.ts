/** Lists that admission may lengthen. */
const growing = new Set(["taints", "tolerations", "finalizers"]);

/**
 * Where `got` lacks what `want` says, as paths: every field of `want` is in `got`, which may have more fields (defaults,
 * what the server keeps), but no more items in a list.
 */
export function differences(want: unknown, got: unknown, path = ""): readonly string[] {
  if (Array.isArray(want)) {
    if (!Array.isArray(got)) return [`${path}: a list is missing`];
    const longer = got.length > want.length && !growing.has(path.slice(path.lastIndexOf(".") + 1));
    if (longer || got.length < want.length) return [`${path}: ${got.length} items instead of ${want.length}`];
    return want.flatMap((item, index) => differences(item, got[index], `${path}[${index}]`));
  }
  if (typeof want === "object" && want !== null) {
    if (typeof got !== "object" || got === null) return [`${path}: an object is missing`];
    return Object.entries(want).flatMap(([name, value]) =>
      differences(
        value,
        Object.hasOwn(got, name) ? (got as Record<string, unknown>)[name] : undefined,
        `${path}.${name}`,
      ),
    );
  }
  return Object.is(want, got) ? [] : [`${path}: ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`];
}
