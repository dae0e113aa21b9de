import type { Revision, Store } from "../../storage/store.ts";

/** A key of the server's own: nothing below `/registry/`, so nobody is served it. */
const key = "/wherry/codecs";

/**
 * Marks a store as written to by this build from now on, and answers since when it is: every value of a higher revision
 * was encoded by this very code, and needs no decoding, conversion or defaults. Undefined: that can be said of none.
 *
 * To be awaited before anything else is written, by the only writer of the store. The mark is its own revision: whatever
 * gives old values new ones (a restore) gives it a new one, too, or leaves it out. `build` names the code, undefined when
 * nothing does; then a mark is taken away, since what follows is not by the build that it names.
 * docs/adr/0007-own-values.md
 */
export async function markOwnValues(store: Store, build: string | undefined): Promise<Revision | undefined> {
  const mark = await store.get(key);
  if (build === undefined) {
    if (mark !== undefined) await store.delete(key, { expect: mark.modRevision });
    return undefined;
  }
  const value = Buffer.from(JSON.stringify({ build }));
  if (mark?.value.equals(value) === true) return mark.modRevision;
  const written = await store.put(key, value, { expect: mark?.modRevision ?? "absent" });
  return written.modRevision;
}
