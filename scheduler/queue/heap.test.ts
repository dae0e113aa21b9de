import fc from "fast-check";
import { expect, it } from "vitest";
import { Heap } from "./heap.ts";

interface Item {
  readonly id: number;
  rank: number;
}

it("gives items in order, whatever was added, moved or taken out before", () => {
  const steps = fc.array(fc.tuple(fc.constantFrom("add", "move", "delete", "pop"), fc.nat(20), fc.nat(50)));
  fc.assert(
    fc.property(steps, (all) => {
      const heap = new Heap<Item>((a, b) => a.rank - b.rank || a.id - b.id);
      const items = Array.from({ length: 21 }, (_, id): Item => ({ id, rank: 0 }));
      const model = new Set<Item>();
      const inOrder = (): Item[] => [...model].toSorted((a, b) => a.rank - b.rank || a.id - b.id);
      for (const [what, id, rank] of all) {
        const item = items[id];
        if (item === undefined) continue;
        if (what === "pop") {
          const [first] = inOrder();
          if (first !== undefined) model.delete(first);
          expect(heap.pop()).toBe(first);
        } else if (what === "delete") expect(heap.delete(item)).toBe(model.delete(item));
        else if (what === "add" || model.has(item)) {
          item.rank = model.has(item) || what === "add" ? rank : item.rank;
          heap.add(item);
          model.add(item);
        }
        expect([heap.size, heap.first]).toEqual([model.size, inOrder()[0]]);
      }
      const left = inOrder();
      expect(left.map(() => heap.pop())).toEqual(left);
    }),
  );
});
