import { expect, it } from "vitest";
import type { ApiRequest } from "../../api/wire.ts";
import { attributesOf } from "./authorize.ts";
import { describe } from "./describe.ts";

function asked(method: string, url: string): ReturnType<typeof attributesOf>["resource"] {
  const request: ApiRequest = { method, url, headers: {}, signal: new AbortController().signal, peer: { address: "" } };
  return attributesOf({ ...describe(request, "audit"), user: { name: "jane", groups: [] } }).resource;
}

it.each<[string, string, string]>([
  ["GET", "/api/v1/secrets?fieldSelector=metadata.name%3Da", "a"],
  ["GET", "/api/v1/secrets?watch=1&fieldSelector=type!%3Dx,metadata.name%3D%3Da", "a"],
  ["GET", "/api/v1/secrets?fieldSelector=metadata.name!%3Da", ""],
  ["GET", "/api/v1/secrets?fieldSelector=metadata.name%3D..", ""],
  ["GET", "/api/v1/secrets?fieldSelector=metadata.name%3Da%2Fb", ""],
  ["GET", "/api/v1/secrets?fieldSelector=nonsense", ""],
  ["GET", "/api/v1/secrets?labelSelector=metadata.name%3Da", ""],
  ["DELETE", "/api/v1/secrets?fieldSelector=metadata.name%3Da", ""],
  ["GET", "/api/v1/namespaces/n/secrets/b?fieldSelector=metadata.name%3Da", "b"],
])("%s %s is about %j", (method, url, name) => {
  expect(asked(method, url)?.name).toBe(name);
});

it("tells by what a request for many is narrowed", () => {
  expect(asked("DELETE", "/api/v1/pods?fieldSelector=spec.nodeName%3Dn&labelSelector=app")?.selectors).toMatchObject({
    fields: [{ field: "spec.nodeName", operator: "=", value: "n" }],
    labels: [{ key: "app", operator: "exists", values: [] }],
  });
  expect(asked("GET", "/api/v1/pods?fieldSelector=nonsense")?.selectors).toMatchObject({ fields: [], labels: [] });
  expect(asked("GET", "/api/v1/pods")).not.toHaveProperty("selectors");
  expect(asked("POST", "/api/v1/namespaces/n/pods?fieldSelector=a%3Db")).not.toHaveProperty("selectors");
});

it("has namespaces in themselves", () => {
  expect(asked("GET", "/api/v1/namespaces/n")?.namespace).toBe("n");
  expect(asked("PUT", "/api/v1/namespaces/n/finalize")?.namespace).toBe("n");
  expect(asked("GET", "/api/v1/namespaces")?.namespace).toBe("");
  expect(asked("GET", "/apis/example.com/v1/namespaces/n")?.namespace).toBe("");
});
