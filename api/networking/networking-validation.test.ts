import { describe, expect, it } from "vitest";
import type { IngressClassParametersReference, NetworkPolicyPeer } from "../generated/types/networking-v1.ts";
import type { KubeObject } from "../machinery/object.ts";
import { findingsOf, sampleWriteContext } from "../row.testing.ts";
import { ingressClasses } from "./ingress-classes.ts";
import { ingresses } from "./ingresses.ts";
import { ipAddresses } from "./ip-addresses.ts";
import { networkPolicies } from "./network-policies.ts";
import { serviceCidrs } from "./service-cidrs.ts";

describe("blocks of addresses in a network policy", () => {
  const policy = (ipBlock: NetworkPolicyPeer["ipBlock"]): KubeObject =>
    ({ metadata: { name: "p" }, spec: { podSelector: {}, ingress: [{ from: [{ ipBlock }] }] } }) as KubeObject;
  const path = "spec.ingress[0].from[0].ipBlock";
  it.each<[string, NetworkPolicyPeer["ipBlock"], string[]]>([
    ["with a part left out", { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] }, []],
    ["without a network", { cidr: "" }, [`${path}.cidr: Required value`]],
    [
      "with all left out",
      { cidr: "10.0.0.0/8", except: ["10.0.0.0/8"] },
      [`${path}.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of \`cidr\``],
    ],
    [
      "with something else left out",
      { cidr: "10.0.0.0/8", except: ["11.0.0.0/16"] },
      [`${path}.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of \`cidr\``],
    ],
  ])("%s", (_what, block, expected) => {
    expect(findingsOf(networkPolicies, policy(block))).toEqual(expected);
  });

  it("that were stored before a rule came may stay, but no others come", () => {
    const old = policy({ cidr: "010.0.0.0/8" });
    expect(findingsOf(networkPolicies, old, old)).toEqual([]);
    expect(findingsOf(networkPolicies, policy({ cidr: "011.0.0.0/8" }), old)).toHaveLength(1);
  });

  it("should be written as others write them", () => {
    expect(networkPolicies.warn?.(policy({ cidr: "FD00::/64" }), undefined, sampleWriteContext())).toEqual([
      `${path}.cidr: IPv6 CIDR value "FD00::/64" should be in RFC 5952 canonical format ("fd00::/64")`,
    ]);
  });
});

describe("an ingress", () => {
  const ingress = (spec: object, more: object = {}): KubeObject =>
    ({ metadata: { name: "i", ...more }, spec: { defaultBackend: backend, ...spec } }) as KubeObject;
  const backend = { service: { name: "web", port: { number: 80 } } };
  const annotations = { "kubernetes.io/ingress.class": "nginx" };
  it.each<[string, KubeObject, string[]]>([
    [
      "with a secret that cannot exist",
      ingress({ tls: [{ secretName: "A_B" }] }),
      [
        expect.stringMatching(
          /^spec\.tls\[0\]\.secretName: Invalid value: "A_B": a lowercase RFC 1123 subdomain/,
        ) as never,
      ],
    ],
    [
      "of two classes",
      ingress({ ingressClassName: "other" }, { annotations }),
      [
        'annotations.kubernetes.io/ingress.class: Invalid value: "nginx": must match `ingressClassName` when both are specified',
      ],
    ],
    [
      "without a path type",
      ingress({ rules: [{ http: { paths: [{ path: "/", backend }] } }] }),
      ["spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified"],
    ],
    [
      "for an object without a name",
      ingress({ defaultBackend: { resource: { apiGroup: "example.com", kind: "Bucket", name: "" } } }),
      ["spec.defaultBackend.resource.name: Required value"],
    ],
  ])("%s is refused", (_what, object, expected) => {
    expect(findingsOf(ingresses, object)).toEqual(expected);
  });

  it("with the old annotation is warned of", () => {
    expect(ingresses.warn?.(ingress({}, { annotations }), undefined, sampleWriteContext())).toEqual([
      "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead",
    ]);
  });

  it("has load balancers with names and addresses", () => {
    const at = (lb: object): KubeObject =>
      ({ ...ingress({}), status: { loadBalancer: { ingress: [lb] } } }) as KubeObject;
    expect(findingsOf(ingresses, at({ ip: "10.0.0.1", hostname: "lb.example.com" }), at({}), "status")).toEqual([]);
    const path = "status.loadBalancer.ingress[0]";
    expect(findingsOf(ingresses, at({ ip: "ten", hostname: "1.2.3.4" }), at({}), "status")).toEqual([
      `${path}.ip: Invalid value: "ten": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`,
      `${path}.hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address`,
    ]);
    expect(findingsOf(ingresses, at({ ip: "ten" }), at({ ip: "ten" }), "status")).toEqual([]);
  });
});

describe("an ingress class", () => {
  const parameters = { kind: "P", name: "p", scope: "Namespace", namespace: "a" };
  const path = "spec.parameters";
  it.each<[string, Partial<IngressClassParametersReference>, string[]]>([
    ["parameters", {}, []],
    [
      "parameters of no namespace",
      { namespace: undefined as never },
      [`${path}.namespace: Required value: \`parameters.scope\` is set to 'Namespace'`],
    ],
    [
      "parameters of the cluster in a namespace",
      { scope: "Cluster" },
      [`${path}.namespace: Forbidden: \`parameters.scope\` is set to 'Cluster'`],
    ],
    [
      "parameters anywhere",
      { scope: "Galaxy" },
      [`${path}.scope: Unsupported value: "Galaxy": supported values: "Cluster", "Namespace"`],
    ],
    ["parameters of a kind with a slash", { kind: "a/b" }, [`${path}.kind: Invalid value: "a/b": may not contain '/'`]],
  ])("with %s", (_what, more, expected) => {
    const spec = { controller: "acme.io/foo", parameters: { ...parameters, ...more } };
    expect(findingsOf(ingressClasses, { metadata: { name: "c" }, spec } as KubeObject)).toEqual(expected);
  });

  it.each([
    ["", "spec.controller: Required value"],
    ["foo", 'spec.controller: Invalid value: "foo": must be a domain-prefixed path (such as "acme.io/foo")'],
  ])("with the controller %j", (controller, expected) => {
    expect(findingsOf(ingressClasses, { metadata: { name: "c" }, spec: { controller } } as KubeObject)).toEqual([
      expected,
    ]);
  });
});

it("an address belongs to something that can be named", () => {
  const parentRef = { group: "A", resource: "a/b", name: "", namespace: "%" };
  expect(findingsOf(ipAddresses, { metadata: { name: "10.0.0.1" }, spec: { parentRef } } as KubeObject)).toEqual([
    expect.stringMatching(/^spec\.parentRef\.group: Invalid value: "A"/),
    "spec.parentRef.resource: Invalid value: \"a/b\": may not contain '/'",
    "spec.parentRef.name: Required value",
    "spec.parentRef.namespace: Invalid value: \"%\": may not contain '%'",
  ]);
});

it.each<[readonly string[], string[]]>([
  [[], ["spec.cidrs: Required value: at least one CIDR required"]],
  [
    ["10.0.0.0/16", "10.1.0.0/16"],
    [
      'spec.cidrs: Invalid value: ["10.0.0.0/16","10.1.0.0/16"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
    ],
  ],
  [
    ["a", "b"],
    [expect.stringMatching(/^spec\.cidrs\[0\]/) as never, expect.stringMatching(/^spec\.cidrs\[1\]/) as never],
  ],
])("service ranges %j", (cidrs, expected) => {
  expect(findingsOf(serviceCidrs, { metadata: { name: "c" }, spec: { cidrs: [...cidrs] } } as KubeObject)).toEqual(
    expected,
  );
});
