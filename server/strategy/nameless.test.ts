import { expect, test } from "vitest";
import { startTrial } from "../trial.testing.ts";

const limitRanges = "/api/v1/namespaces/default/limitranges";

test("a LimitRange without a name gets one, under which it is found", async () => {
  await using trial = await startTrial();
  const made = await trial.ok("POST", limitRanges, { apiVersion: "v1", kind: "LimitRange", spec: { limits: [] } });
  const name = made.metadata?.name ?? "";
  expect(name).toMatch(/^[0-9a-f-]{36}$/);
  const found = await trial.ok("GET", `${limitRanges}/${name}`);
  expect(found.metadata).toMatchObject({ name, uid: made.metadata?.uid });
});

test("any other object without a name is refused", async () => {
  await using trial = await startTrial();
  const { reason, message } = await trial.refusal("POST", "/api/v1/namespaces/default/configmaps", {
    apiVersion: "v1",
    kind: "ConfigMap",
  });
  expect(reason).toBe("Invalid");
  expect(message).toContain("metadata.name: Required value: name or generateName is required");
});
