import { describe, expect, it } from "vitest";
import { judgeNames, type Names } from "./naming.ts";

const wanted: Names = {
  plural: "boats",
  singular: "boat",
  shortNames: ["bt", "bo"],
  kind: "Boat",
  listKind: "BoatList",
};
const nothing = { resources: new Set<string>(), kinds: new Set<string>() };

describe("names", () => {
  it("are accepted while nobody has them", () => {
    expect(judgeNames({ ...wanted, categories: ["all"] }, {}, nothing)).toEqual({
      accepted: { ...wanted, categories: ["all"] },
      conflict: undefined,
    });
  });

  it.each<[string, Partial<{ resources: string[]; kinds: string[] }>, string, string]>([
    ["plural", { resources: ["boats"] }, "PluralConflict", '"boats" is already in use'],
    ["singular", { resources: ["boat"] }, "SingularConflict", '"boat" is already in use'],
    ["short name", { resources: ["bt"] }, "ShortNamesConflict", '"bt" is already in use'],
    [
      "short names",
      { resources: ["bt", "bo"] },
      "ShortNamesConflict",
      '["bt" is already in use, "bo" is already in use]',
    ],
    ["kind", { kinds: ["Boat"] }, "KindConflict", '"Boat" is already in use'],
    ["list kind", { kinds: ["BoatList"] }, "ListKindConflict", '"BoatList" is already in use'],
    ["plural and kind", { resources: ["boats"], kinds: ["Boat"] }, "KindConflict", '"Boat" is already in use'],
  ])("clash in %s", (_what, { resources = [], kinds = [] }, reason, message) => {
    const { conflict } = judgeNames(wanted, {}, { resources: new Set(resources), kinds: new Set(kinds) });
    expect(conflict).toEqual({ reason, message });
  });

  it("stay what they were when the new ones are taken", () => {
    const taken = { ...nothing, resources: new Set(["ship", "sh"]) };
    const verdict = judgeNames({ ...wanted, singular: "ship", shortNames: ["sh"] }, wanted, taken);
    expect(verdict.accepted).toEqual(wanted);
  });

  it("that are one's own are free", () => {
    const again = { ...wanted, shortNames: ["bt", "boat"] };
    expect(judgeNames(again, wanted, { ...nothing, resources: new Set(["boat"]) }).conflict).toBeUndefined();
  });
});
