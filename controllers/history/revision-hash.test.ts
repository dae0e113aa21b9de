import { expect, it } from "vitest";
import { revisionHash } from "./revision-hash.ts";
import { templatePatch } from "./template-patch.ts";

const template = { spec: { containers: [{ name: "web", image: "a<b&c" }] }, metadata: { labels: { app: "web" } } };

it("is kube-controller-manager's for the same template", () => {
  expect(revisionHash(templatePatch(template), 0)).toBe("79b45d5448");
  expect(revisionHash(templatePatch(template), 1)).toBe("79b45d5449");
});
