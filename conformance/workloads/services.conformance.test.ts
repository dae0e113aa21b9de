import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { brokenImage, workload } from "./objects.ts";
import { openWorkplace, type Workplace } from "./workplace.ts";

/** A Service knows the pods that are ready, and no others. */
describe("a service", () => {
  let stage: Workplace;
  beforeAll(async () => {
    stage = await openWorkplace("services");
    await stage.create(
      workload("Deployment", "web", { replicas: 3 }, { container: { ports: [{ containerPort: 8080 }] } }),
    );
    await stage.ok("rollout", "status", "deployment/web", "--timeout=35s");
    await stage.ok("expose", "deployment", "web", "--port=80", "--target-port=8080");
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const selector = "kubernetes.io/service-name=web";
  const podAddresses = async (): Promise<readonly string[]> =>
    (await stage.ok("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].status.podIP}")).split(" ").toSorted();
  const serving = async (service = selector): Promise<readonly string[]> => {
    const path = "{.items[*].endpoints[?(@.conditions.ready==true)].addresses[0]}";
    return (await stage.ok("get", "endpointslices", "-l", service, "-o", `jsonpath=${path}`)).split(" ").toSorted();
  };
  /** Watches until the slice says so many are ready. */
  async function untilServing(count: number, service = selector): Promise<void> {
    const path = "{range .endpoints[*]}{.conditions.ready} {end}{'\\n'}";
    await using watch = stage.kubectl.start([
      ...["get", "endpointslices", "-n", stage.namespace, "-l", service, "--watch", "-o", `jsonpath=${path}`],
    ]);
    await watch.until((stdout) => {
      const last = stdout.trimEnd().split("\n").at(-1) ?? "";
      return stdout !== "" && last.split(" ").filter((ready) => ready === "true").length === count;
    });
  }

  test("has the addresses of its pods, in both kinds", async () => {
    await untilServing(3);
    const addresses = await podAddresses();
    expect(addresses).toHaveLength(3);
    expect(await serving()).toEqual(addresses);
    const endpoints = await stage.ok("get", "endpoints", "web", "-o", "jsonpath={.subsets[0].addresses[*].ip}");
    expect(endpoints.split(" ").toSorted()).toEqual(addresses);
    const [row = ""] = await stage.rows("endpointslices", "-l", selector);
    expect(row).toMatch(/^web-[0-9a-z]{5} \| IPv4 \| 8080 \| [\d.]+,[\d.]+,[\d.]+ \| \S+$/);
    const description = await stage.ok("describe", "service", "web");
    for (const address of addresses) expect(description).toContain(`${address}:8080`);
    const [slice] = (
      (await stage.json("get", "endpointslices", "-l", selector)) as unknown as { items: readonly object[] }
    ).items;
    expect(slice).toMatchObject({
      metadata: {
        labels: { "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io" },
        ownerReferences: [{ kind: "Service", name: "web", controller: true }],
      },
      ports: [{ port: 8080, protocol: "TCP" }],
      endpoints: expect.arrayContaining([
        expect.objectContaining({
          conditions: { ready: true, serving: true, terminating: false },
          nodeName: expect.any(String) as string,
          targetRef: expect.objectContaining({ kind: "Pod" }) as object,
        }),
      ]) as object[],
    });
  });

  test("follows its deployment up and down, and a pod that is replaced", async () => {
    await stage.ok("scale", "deployment", "web", "--replicas=5");
    await untilServing(5);
    await stage.ok("scale", "deployment", "web", "--replicas=2");
    await untilServing(2);
    const [pod = ""] = (await stage.ok("get", "pods", "-l", "app=web", "-o", "name")).split("\n");
    await stage.ok("delete", pod);
    await stage.ok("rollout", "status", "deployment/web", "--timeout=35s");
    await untilServing(2);
    expect(await serving()).toEqual(await podAddresses());
    expect(await stage.ok("get", "pods", "-l", "app=web", "-o", "name")).not.toContain(pod);
  });

  test("leaves out pods that are not ready, unless it is told to have them", async () => {
    await stage.create(workload("Deployment", "sick", { replicas: 2 }, { container: { image: brokenImage } }));
    await stage.ok("expose", "deployment", "sick", "--port=80");
    await stage.until("deployment/sick", ".status.unavailableReplicas", 2);
    expect(await serving("kubernetes.io/service-name=sick")).toEqual([""]);
    await stage.ok("patch", "service", "sick", "-p", '{"spec":{"publishNotReadyAddresses":true}}');
    await untilServing(2, "kubernetes.io/service-name=sick");
  });

  test("without a selector has what people write into it", async () => {
    const metadata = { name: "elsewhere" };
    const subsets = [{ addresses: [{ ip: "192.0.2.7" }], ports: [{ port: 8443 }] }];
    await stage.create(
      { apiVersion: "v1", kind: "Service", metadata, spec: { ports: [{ port: 443, targetPort: 8443 }] } },
      { apiVersion: "v1", kind: "Endpoints", metadata, subsets },
    );
    const mirrored = "endpointslice.kubernetes.io/managed-by=endpointslicemirroring-controller.k8s.io";
    await untilServing(1, `kubernetes.io/service-name=elsewhere,${mirrored}`);
  });

  test("goes, and its slices with it", async () => {
    await stage.ok("delete", "service", "web");
    await stage.ok("wait", "--for=delete", "endpointslices", "-l", selector, "--timeout=35s");
    await stage.ok("wait", "--for=delete", "endpoints/web", "--timeout=35s");
  });
});
