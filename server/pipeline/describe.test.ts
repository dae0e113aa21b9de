import { describe as suite, expect, it } from "vitest";
import type { ApiRequest } from "../../api/wire.ts";
import { describe } from "./describe.ts";

function target(method: string, url: string): object {
  const request: ApiRequest = { method, url, headers: {}, signal: new AbortController().signal, peer: { address: "" } };
  return describe(request, "audit").target;
}

const resource = { type: "resource", group: "", version: "v1", namespace: "", name: "", subresource: "", tail: "" };

suite("a request is about", () => {
  it.each<[string, string, object]>([
    ["GET", "/api/v1/pods", { verb: "list", resource: "pods" }],
    ["GET", "/api/v1/pods/", { verb: "list", resource: "pods" }],
    ["GET", "/api/v1/pods?watch=true", { verb: "watch", resource: "pods" }],
    ["GET", "/api/v1/pods?watch=1", { verb: "watch", resource: "pods" }],
    ["GET", "/api/v1/pods?watch", { verb: "watch", resource: "pods" }],
    ["GET", "/api/v1/pods?watch=False", { verb: "list", resource: "pods" }],
    ["GET", "/api/v1/pods?watch=0", { verb: "list", resource: "pods" }],
    ["GET", "/api/v1/namespaces/n/pods", { verb: "list", resource: "pods", namespace: "n" }],
    ["GET", "/api/v1/namespaces/n/pods/p", { verb: "get", resource: "pods", namespace: "n", name: "p" }],
    ["GET", "/api/v1/namespaces/n/pods/p?watch=true", { verb: "get", resource: "pods", namespace: "n", name: "p" }],
    ["HEAD", "/api/v1/namespaces/n/pods/p", { verb: "get", resource: "pods", namespace: "n", name: "p" }],
    ["POST", "/api/v1/namespaces/n/pods", { verb: "create", resource: "pods", namespace: "n" }],
    ["PUT", "/api/v1/namespaces/n/pods/p", { verb: "update", resource: "pods", namespace: "n", name: "p" }],
    [
      "PATCH",
      "/api/v1/namespaces/n/pods/p/status",
      { verb: "patch", resource: "pods", namespace: "n", name: "p", subresource: "status" },
    ],
    ["DELETE", "/api/v1/namespaces/n/pods/p", { verb: "delete", resource: "pods", namespace: "n", name: "p" }],
    ["DELETE", "/api/v1/namespaces/n/pods", { verb: "deletecollection", resource: "pods", namespace: "n" }],
    ["GET", "/api/v1/namespaces", { verb: "list", resource: "namespaces" }],
    ["GET", "/api/v1/namespaces/n", { verb: "get", resource: "namespaces", name: "n" }],
    [
      "PUT",
      "/api/v1/namespaces/n/finalize",
      { verb: "update", resource: "namespaces", name: "n", subresource: "finalize" },
    ],
    ["GET", "/api/v1/namespaces/n/status", { verb: "get", resource: "namespaces", name: "n", subresource: "status" }],
    [
      "GET",
      "/api/v1/nodes/a/proxy/x/y",
      { verb: "get", resource: "nodes", name: "a", subresource: "proxy", tail: "x/y" },
    ],
    [
      "GET",
      "/apis/apps/v1/namespaces/n/deployments/d",
      { verb: "get", group: "apps", resource: "deployments", namespace: "n", name: "d" },
    ],
    ["GET", "/api/v1/watch/pods", { verb: "watch", resource: "pods" }],
    ["GET", "/api/v1/watch/namespaces/n/pods/p", { verb: "watch", resource: "pods", namespace: "n", name: "p" }],
    ["GET", "/apis/apps/v1/watch/deployments", { verb: "watch", group: "apps", resource: "deployments" }],
    [
      "GET",
      "/api/v1/namespaces/n/configmaps/a%2Fb",
      { verb: "get", resource: "configmaps", namespace: "n", name: "a/b" },
    ],
    [
      "GET",
      "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode",
      { verb: "get", group: "rbac.authorization.k8s.io", resource: "clusterroles", name: "system:node" },
    ],
  ])("%s %s", (method, url, expected) => {
    expect(target(method, url)).toEqual({ ...resource, ...expected });
  });

  it.each([
    "/",
    "/api",
    "/apis",
    "/api/v1",
    "/apis/apps",
    "/apis/apps/v1",
    "/healthz",
    "/openapi/v3/apis/apps/v1",
    "/version/",
    "/apiv1/pods/x",
    "",
  ])("no resource: %s", (url) => {
    expect(target("GET", url)).toEqual({ type: "nonResource", verb: "get" });
  });

  it.each([
    ["OPTIONS", "/api/v1/pods"],
    ["TRACE", "/api/v1/pods/x"],
    ["constructor", "/api/v1/pods"],
    ["POST", "/api/v1/watch/namespaces/n/pods"],
    ["DELETE", "/api/v1/watch/namespaces/n/pods"],
  ])("nothing that is served: %s %s", (method, url) => {
    expect(() => target(method, url)).toThrow("the server does not allow this method on the requested resource");
  });

  it("nothing when its path is broken", () => {
    expect(() => target("GET", "/api/v1/namespaces/n/pods/%E0%A4%A")).toThrow("invalid escape");
  });
});
