import { describe, expect, test } from "vitest";
import type { Service, ServiceSpec } from "../generated/types/core-v1.ts";
import { ago, cellsOf, created, findingsOf, updated } from "../row.testing.ts";
import { services } from "./services.ts";

const defaults: ServiceSpec = { type: "ClusterIP", sessionAffinity: "None", internalTrafficPolicy: "Cluster" };

function service(spec: ServiceSpec, status?: Service["status"]): Service {
  const metadata = { name: "web", namespace: "default", creationTimestamp: ago(90) };
  return { metadata, spec: { ...defaults, ...spec }, ...(status === undefined ? {} : { status }) };
}

const http = { port: 80, protocol: "TCP", targetPort: 8080 };

describe("the row of kubectl get services", () => {
  test.each<[string, Service, string]>([
    [
      "inside the cluster",
      service({ clusterIP: "10.96.0.7", clusterIPs: ["10.96.0.7"], ports: [http, { port: 53, protocol: "UDP" }] }),
      "ClusterIP 10.96.0.7 <none> 80/TCP,53/UDP",
    ],
    [
      "with node ports",
      service({ type: "NodePort", clusterIPs: ["10.96.0.7"], ports: [{ ...http, nodePort: 30080 }] }),
      "NodePort 10.96.0.7 <none> 80:30080/TCP",
    ],
    ["headless", service({ clusterIP: "None", clusterIPs: ["None"] }), "ClusterIP None <none> <none>"],
    [
      "waiting for a load balancer",
      service({ type: "LoadBalancer", clusterIPs: ["10.96.0.7"], ports: [http] }),
      "LoadBalancer 10.96.0.7 <pending> 80/TCP",
    ],
    [
      "behind load balancers",
      service(
        { type: "LoadBalancer", ports: [http] },
        { loadBalancer: { ingress: [{ ip: "5.6.7.8" }, { hostname: "lb.example" }, { ip: "1.2.3.4" }] } },
      ),
      "LoadBalancer <none> 1.2.3.4,5.6.7.8,lb.example 80/TCP",
    ],
    [
      "a name elsewhere",
      service({ type: "ExternalName", externalName: "db.example" }),
      "ExternalName <none> db.example <none>",
    ],
    [
      "with addresses of its own",
      service({ clusterIPs: ["10.96.0.7"], externalIPs: ["9.9.9.9", "8.8.8.8"], ports: [http] }),
      "ClusterIP 10.96.0.7 9.9.9.9,8.8.8.8 80/TCP",
    ],
  ])("%s", (_name, given, expected) => {
    const cells = cellsOf(services, given);
    expect(`${cells["Type"]} ${cells["Cluster-IP"]} ${cells["External-IP"]} ${cells["Port(s)"]}`).toBe(expected);
  });
});

describe("what is wrong with a service", () => {
  test.each<[string, ServiceSpec, string]>([
    ["no ports", {}, "spec.ports: Required value"],
    [
      "several ports without names",
      { ports: [{ ...http, name: "a" }, { port: 81 }] },
      "spec.ports[1].name: Required value",
    ],
    [
      "a port out of range",
      { ports: [{ port: 0 }] },
      "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
    ],
    [
      "a node port inside the cluster",
      { ports: [{ port: 80, nodePort: 30000 }] },
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ],
    [
      "a headless NodePort",
      { type: "NodePort", clusterIP: "None", clusterIPs: ["None"], ports: [http] },
      "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services",
    ],
    ["no external name", { type: "ExternalName" }, "spec.externalName: Required value"],
    [
      "lists that disagree",
      { clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.2"], ports: [http] },
      'spec.clusterIPs: Invalid value: ["10.0.0.2"]: first value must match `clusterIP`',
    ],
    [
      "a policy for traffic that cannot come",
      { externalTrafficPolicy: "Local", ports: [http] },
      'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
    ],
    [
      "a class without a load balancer",
      { loadBalancerClass: "example.com/lb", ports: [http] },
      "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
    [
      "a loopback address",
      { externalIPs: ["127.0.0.1"], ports: [http] },
      'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
  ])("%s", (_name, spec, expected) => {
    expect(findingsOf(services, service(spec))).toEqual([expected]);
  });

  test("ports may share a number when their protocols differ", () => {
    const dns = [
      { name: "tcp", port: 53, protocol: "TCP" },
      { name: "udp", port: 53, protocol: "UDP" },
    ];
    expect(findingsOf(services, service({ ports: dns }))).toEqual([]);
    expect(
      findingsOf(services, service({ ports: [...dns, { name: "more", port: 53, protocol: "UDP" }] })),
    ).toHaveLength(1);
  });
});

describe("a change of a service", () => {
  const old = service({
    type: "NodePort",
    clusterIP: "10.96.0.7",
    clusterIPs: ["10.96.0.7"],
    externalTrafficPolicy: "Cluster",
    ports: [{ ...http, nodePort: 30080 }],
  });

  test("keeps what was allocated when the writer leaves it out", () => {
    const kept = updated(
      services,
      service({
        type: "NodePort",
        externalTrafficPolicy: "Cluster",
        ports: [http, { name: "b", port: 81, protocol: "TCP" }],
      }),
      old,
    );
    expect(kept.spec).toMatchObject({
      clusterIP: "10.96.0.7",
      clusterIPs: ["10.96.0.7"],
      ports: [{ nodePort: 30080 }, {}],
    });
    expect(kept.spec?.ports?.[1]).not.toHaveProperty("nodePort");
  });

  test("to ClusterIP drops what only nodes have", () => {
    const changed = updated(services, { ...old, spec: { ...old.spec, type: "ClusterIP" } }, old);
    expect(changed.spec?.ports).toEqual([http]);
    expect(changed.spec).not.toHaveProperty("externalTrafficPolicy");
    expect(findingsOf(services, changed, old)).toEqual([]);
  });

  test("to ExternalName drops its addresses", () => {
    const changed = updated(
      services,
      { ...old, spec: { ...old.spec, type: "ExternalName", externalName: "db.example" } },
      old,
    );
    expect(changed.spec).not.toHaveProperty("clusterIP");
    expect(changed.spec).not.toHaveProperty("clusterIPs");
    expect(findingsOf(services, changed, old)).toEqual([]);
  });

  test("may not move the service to another address", () => {
    const moved = updated(services, { ...old, spec: { ...old.spec, clusterIP: "10.96.0.8" } }, old);
    expect(moved.spec?.clusterIPs).toEqual(["10.96.0.8"]);
    expect(findingsOf(services, moved, old)).toEqual([
      'spec.clusterIPs[0]: Invalid value: ["10.96.0.8"]: may not change once set',
    ]);
  });
});

test("a new service with one address lists it", () => {
  expect(created(services, service({ clusterIP: "None" })).spec?.clusterIPs).toEqual(["None"]);
});
