import fc from "fast-check";
import { expect, it } from "vitest";
import type { KubeObject } from "../api/machinery/object.ts";
import { IndexedCache } from "./indexed-cache.ts";
import { keyOf, splitKey } from "./lister.ts";

it("finds by key, namespace and index what a plain list of the objects would give", () => {
  const object = fc.record({
    name: fc.constantFrom("a", "b", "c"),
    namespace: fc.constantFrom("x", "y"),
    colour: fc.constantFrom("red", "blue", "both"),
  });
  const step = fc.record({ object, remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const cache = new IndexedCache<KubeObject>();
      const byColour = cache.index(({ metadata }) => {
        const colour = metadata?.labels?.["colour"] ?? "";
        return colour === "both" ? ["red", "blue"] : [colour];
      });
      const model = new Map<string, KubeObject>();
      for (const { object: made, remove } of steps) {
        const { name, namespace, colour } = made;
        const put: KubeObject = { metadata: { name, namespace, labels: { colour } } };
        if (remove) cache.remove(keyOf(put));
        else cache.put(put);
        if (remove) model.delete(keyOf(put));
        else model.set(keyOf(put), put);
      }
      const all = [...model.values()];
      expect(new Set(cache.list())).toEqual(new Set(all));
      for (const namespace of ["x", "y"])
        expect(new Set(cache.list(namespace))).toEqual(
          new Set(all.filter((one) => one.metadata?.namespace === namespace)),
        );
      for (const colour of ["red", "blue"])
        expect(new Set(byColour(colour))).toEqual(
          new Set(all.filter((one) => ["both", colour].includes(one.metadata?.labels?.["colour"] ?? ""))),
        );
    }),
  );
});

it("takes a key apart as it was put together", () => {
  expect(splitKey("default/web")).toEqual({ namespace: "default", name: "web" });
  expect(splitKey("node-1")).toEqual({ namespace: "", name: "node-1" });
});
