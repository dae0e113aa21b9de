import { describe, expect, test } from "vitest";
import type {
  Ingress,
  IngressClass,
  IngressSpec,
  IPAddress,
  NetworkPolicy,
  NetworkPolicySpec,
  ServiceCIDR,
} from "../generated/types/networking-v1.ts";
import { ago, cellsOf, findingsOf } from "../row.testing.ts";
import { ingressClasses } from "./ingress-classes.ts";
import { ingresses } from "./ingresses.ts";
import { ipAddresses } from "./ip-addresses.ts";
import { networkPolicies } from "./network-policies.ts";
import { serviceCidrs } from "./service-cidrs.ts";

const metadata = { name: "x", creationTimestamp: ago(60) };

describe("ingresses", () => {
  const backend = { service: { name: "web", port: { number: 80 } } };
  const paths = (path: string, pathType = "Prefix"): IngressSpec => ({
    rules: [{ http: { paths: [{ path, pathType, backend }] } }],
  });
  const ingress = (spec: IngressSpec, status: Ingress["status"] = {}): Ingress => ({ metadata, spec, status });

  test("show hosts, address and ports", () => {
    const hosts = ["a.example", "b.example", "c.example", "d.example"].map((host) => ({ host }));
    expect(
      cellsOf(
        ingresses,
        ingress(
          { ingressClassName: "nginx", rules: hosts, tls: [{}] },
          { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } },
        ),
      ),
    ).toMatchObject({
      Class: "nginx",
      Hosts: "a.example,b.example,c.example + 1 more...",
      Address: "1.2.3.4",
      Ports: "80, 443",
    });
    expect(cellsOf(ingresses, ingress({ rules: [{}] }))).toMatchObject({
      Class: "<none>",
      Hosts: "*",
      Address: "",
      Ports: "80",
    });
  });

  test.each<[string, IngressSpec, readonly string[]]>([
    ["a path", paths("/api"), []],
    ["nothing", {}, ["spec: Invalid value: null: either `defaultBackend` or `rules` must be specified"]],
    [
      "a relative path",
      paths("api"),
      ['spec.rules[0].http.paths[0].path: Invalid value: "api": must be an absolute path'],
    ],
    [
      "a path that climbs",
      paths("/a/../b"),
      ["spec.rules[0].http.paths[0].path: Invalid value: \"/a/../b\": must not contain '/../'"],
    ],
    [
      "an address as its host",
      { rules: [{ host: "1.2.3.4" }] },
      ['spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address'],
    ],
    ["a wildcard", { rules: [{ host: "*.example.com" }] }, []],
    [
      "a backend without a port",
      { defaultBackend: { service: { name: "web" } } },
      ["spec.defaultBackend: Required value: port name or number is required"],
    ],
    [
      "no backend at all",
      { defaultBackend: {} },
      ['spec.defaultBackend: Invalid value: "": resource or service backend is required'],
    ],
  ])("with %s", (_name, spec, expected) => {
    expect(findingsOf(ingresses, ingress(spec))).toEqual(expected);
  });
});

describe("ingress classes", () => {
  const of = (controller: string): IngressClass => ({
    metadata,
    spec: { controller, parameters: { apiGroup: "k8s.example.com", kind: "Params", name: "p", scope: "Cluster" } },
  });

  test("show who serves them", () => {
    expect(cellsOf(ingressClasses, of("example.com/ingress"))).toMatchObject({
      Controller: "example.com/ingress",
      Parameters: "Params.k8s.example.com/p",
    });
    expect(cellsOf(ingressClasses, { metadata, spec: { controller: "a/b" } } as IngressClass)).toMatchObject({
      Parameters: "<none>",
    });
  });

  test("keep their controller", () => {
    expect(findingsOf(ingressClasses, of("example.com/b"), of("example.com/a"))).toEqual([
      'spec.controller: Invalid value: "example.com/b": field is immutable',
    ]);
    expect(findingsOf(ingressClasses, of("nginx"))).toEqual([
      'spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")',
    ]);
  });
});

test("addresses show what holds them, and are named by themselves", () => {
  const of = (name: string): IPAddress => ({
    metadata: { name },
    spec: { parentRef: { resource: "services", namespace: "default", name: "kubernetes" } },
  });
  expect(cellsOf(ipAddresses, of("10.96.0.1"))).toEqual({
    Name: "10.96.0.1",
    ParentRef: "services/default/kubernetes",
  });
  expect(findingsOf(ipAddresses, of("fd00::1"))).toEqual([]);
  expect(findingsOf(ipAddresses, of("ten"))).toEqual([
    'metadata.name: Invalid value: "ten": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ]);
});

test("service ranges may gain the other family and lose nothing", () => {
  const of = (...cidrs: string[]): ServiceCIDR => ({ metadata, spec: { cidrs } });
  expect(cellsOf(serviceCidrs, of("10.96.0.0/12", "fd00::/112"))).toMatchObject({ CIDRs: "10.96.0.0/12,fd00::/112" });
  expect(findingsOf(serviceCidrs, of("10.96.0.0/12", "fd00::/112"), of("10.96.0.0/12"))).toEqual([]);
  expect(findingsOf(serviceCidrs, of("10.97.0.0/16"), of("10.96.0.0/12"))).toEqual([
    'spec.cidrs[0]: Invalid value: "10.97.0.0/16": field is immutable',
  ]);
  expect(findingsOf(serviceCidrs, of("10.96.0.0"))).toEqual([
    'spec.cidrs[0]: Invalid value: "10.96.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
  ]);
});

describe("network policies", () => {
  const policy = (spec: NetworkPolicySpec): NetworkPolicy => ({ metadata, spec });

  test("show the pods that they are for", () => {
    expect(cellsOf(networkPolicies, policy({ podSelector: { matchLabels: { app: "db" } } }))).toMatchObject({
      "Pod-Selector": "app=db",
    });
    expect(cellsOf(networkPolicies, policy({}))).toMatchObject({ "Pod-Selector": "<none>" });
  });

  test.each<[string, NetworkPolicySpec, readonly string[]]>([
    [
      "peers and ports",
      { ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 80, endPort: 90 }, { port: "http" }] }] },
      [],
    ],
    ["a peer that is none", { egress: [{ to: [{}] }] }, ["spec.egress[0].to[0]: Required value: must specify a peer"]],
    [
      "a range of addresses and pods at once",
      { ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8" }, podSelector: {} }] }] },
      ["spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer"],
    ],
    [
      "ports the wrong way round",
      { ingress: [{ ports: [{ port: 90, endPort: 80 }] }] },
      ["spec.ingress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`"],
    ],
    [
      "a selector that cannot be",
      { podSelector: { matchExpressions: [{ key: "a", operator: "Like" }] } },
      ['spec.podSelector.matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator'],
    ],
  ])("with %s", (_name, spec, expected) => {
    expect(findingsOf(networkPolicies, policy(spec))).toEqual(expected);
  });
});
