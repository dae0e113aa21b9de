import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTrial, type Trial } from "../../trial.testing.ts";
import { boat, boats, define, definition, definitions, settledDefinition, version } from "./boats.testing.ts";

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
  await define(
    trial,
    definition([
      version("v1", {
        storage: true,
        subresources: {
          status: {},
          scale: {
            specReplicasPath: ".spec.oars",
            statusReplicasPath: ".status.oars",
            labelSelectorPath: ".status.selector",
          },
        },
        selectableFields: [{ jsonPath: ".spec.color" }],
        additionalPrinterColumns: [
          { name: "Length", type: "integer", jsonPath: ".spec.length", description: "in feet" },
          { name: "Crew", type: "string", jsonPath: ".spec.crew", priority: 1 },
          { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
        ],
      }),
    ]),
  );
});
afterAll(() => trial[Symbol.asyncDispose]());

describe("a custom resource", () => {
  it("is created, defaulted, read, changed and deleted", async () => {
    const created = await trial.ok("POST", boats, boat("a"));
    expect(created).toMatchObject({
      apiVersion: "example.com/v1",
      kind: "Boat",
      metadata: { name: "a", namespace: "default", generation: 1 },
      spec: { color: "white", length: 4 },
    });
    expect(await trial.ok("GET", `${boats}/a`)).toEqual(created);
    const changed = await trial.ok("PUT", `${boats}/a`, { ...created, spec: { length: 5 } });
    expect(changed).toMatchObject({ metadata: { generation: 2 }, spec: { color: "white", length: 5 } });
    const patched = await trial.ok(
      "PATCH",
      `${boats}/a`,
      { spec: { color: "red" } },
      { "content-type": "application/merge-patch+json" },
    );
    expect(patched).toMatchObject({ metadata: { generation: 3 }, spec: { color: "red", length: 5 } });
    const labelled = await trial.ok(
      "PATCH",
      `${boats}/a`,
      [{ op: "add", path: "/metadata/labels", value: { x: "y" } }],
      { "content-type": "application/json-patch+json" },
    );
    expect(labelled.metadata).toMatchObject({ generation: 3, labels: { x: "y" } });
    expect(await trial.ok("DELETE", `${boats}/a`)).toMatchObject({ kind: "Status", status: "Success" });
    expect(await trial.refusal("GET", `${boats}/a`)).toMatchObject({ message: 'boats.example.com "a" not found' });
  });

  it("loses what its schema does not know", async () => {
    const created = await trial.ok("POST", boats, { ...boat("pruned", { length: 1, wings: 2 }), extra: 1 });
    expect(created["spec"]).toEqual({ color: "white", length: 1 });
    expect(created).not.toHaveProperty("extra");
    const refused = await trial.refusal("POST", `${boats}?fieldValidation=Strict`, boat("x", { length: 1, wings: 2 }));
    expect(refused.message).toContain('unknown field "spec.wings"');
  });

  it("must fit its schema", async () => {
    expect(await trial.refusal("POST", boats, boat("bad", { color: "green", length: 0 }))).toMatchObject({
      code: 422,
      reason: "Invalid",
      message: expect.stringMatching(/^Boat\.example\.com "bad" is invalid: \[.*spec\.color.*spec\.length.*\]$/),
    });
    expect((await trial.refusal("POST", boats, boat("bad", {}))).message).toBe(
      'Boat.example.com "bad" is invalid: spec.length: Required value',
    );
  });

  it("takes no strategic merge patch", async () => {
    await trial.ok("POST", boats, boat("s"));
    const refused = await trial.refusal(
      "PATCH",
      `${boats}/s`,
      {},
      { "content-type": "application/strategic-merge-patch+json" },
    );
    expect(refused).toMatchObject({
      code: 415,
      message: expect.stringMatching(
        /^the body of the request was in an unknown format - accepted media types include: application\/json-patch\+json, application\/merge-patch\+json/,
      ),
    });
  });

  it("has no protobuf form", async () => {
    await trial.ok("POST", boats, boat("p", { length: 4, oars: 2 }));
    const answer = await trial.send("GET", `${boats}/p`, {
      headers: { accept: "application/vnd.kubernetes.protobuf,application/json" },
    });
    expect(answer.headers["content-type"]).toBe("application/json");
    const only = { headers: { accept: "application/vnd.kubernetes.protobuf" } };
    expect((await trial.send("GET", `${boats}/p`, only)).status).toBe(406);
    expect((await trial.send("GET", `${boats}/p/scale`, only)).status).toBe(200);
    const sent = await trial.refusal("POST", boats, Buffer.from("k8s\0"), {
      "content-type": "application/vnd.kubernetes.protobuf",
    });
    expect(sent.code).toBe(415);
  });

  it("has a status of its own", async () => {
    const created = await trial.ok("POST", boats, { ...boat("status"), status: { oars: 7 } });
    expect(created).not.toHaveProperty("status");
    const written = await trial.ok("PUT", `${boats}/status/status`, {
      ...created,
      metadata: { ...created.metadata, labels: { ignored: "yes" } },
      spec: { length: 99 },
      status: { oars: 2 },
    });
    expect(written).toMatchObject({ metadata: { generation: 1 }, spec: { length: 4 }, status: { oars: 2 } });
    expect(written.metadata).not.toHaveProperty("labels");
    const main = await trial.ok("PUT", `${boats}/status`, { ...written, status: { oars: 9 } });
    expect(main["status"]).toEqual({ oars: 2 });
  });

  it("is scaled", async () => {
    const created = await trial.ok("POST", boats, boat("scaled", { length: 4, oars: 2 }));
    await trial.ok("PUT", `${boats}/scaled/status`, { ...created, status: { oars: 1, selector: "a=b" } });
    expect(await trial.ok("GET", `${boats}/scaled/scale`)).toMatchObject({
      kind: "Scale",
      spec: { replicas: 2 },
      status: { replicas: 1, selector: "a=b" },
    });
    await trial.ok(
      "PATCH",
      `${boats}/scaled/scale`,
      { spec: { replicas: 6 } },
      { "content-type": "application/merge-patch+json" },
    );
    expect((await trial.ok("GET", `${boats}/scaled`))["spec"]).toMatchObject({ oars: 6 });
  });

  it("is scaled also where it did not say its replicas, but not asked then", async () => {
    await trial.ok("POST", boats, boat("unsaid"));
    expect(await trial.refusal("GET", `${boats}/unsaid/scale`)).toMatchObject({
      code: 500,
      message: 'Internal error occurred: the spec replicas field ".spec.oars" does not exist',
    });
    const merge = { "content-type": "application/merge-patch+json" };
    expect(await trial.refusal("PATCH", `${boats}/unsaid/scale`, {}, merge)).toMatchObject({
      code: 400,
      message: 'the spec replicas field ".spec.oars" cannot be empty',
    });
    expect(await trial.ok("PATCH", `${boats}/unsaid/scale`, { spec: { replicas: 3 } }, merge)).toMatchObject({
      spec: { replicas: 3 },
    });
  });

  it("has replicas that a scale can say", async () => {
    const refused = 'Boat.example.com "n" is invalid: .spec.oars: Invalid value: -1: should be a non-negative integer';
    expect((await trial.refusal("POST", boats, boat("n", { length: 4, oars: -1 }))).message).toBe(refused);
    await trial.ok("POST", boats, boat("n", { length: 4, oars: 2 }));
    const merge = { "content-type": "application/merge-patch+json" };
    expect((await trial.refusal("PATCH", `${boats}/n/scale`, { spec: { replicas: -1 } }, merge)).message).toBe(refused);
    expect((await trial.refusal("PATCH", `${boats}/n/status`, { status: { oars: 2 ** 31 } }, merge)).message).toBe(
      'Boat.example.com "n" is invalid: .status.oars: Invalid value: 2147483648: should be less than or equal to 2147483647',
    );
  });

  it("is told of finalizers without a domain", async () => {
    const made = { ...boat("final"), metadata: { name: "final", finalizers: ["mine", "a.example.com", "x.io/y"] } };
    const { headers } = await trial.send("POST", boats, { body: JSON.stringify(made) });
    const advice = "to avoid accidental conflicts with other finalizer writers";
    expect(headers["warning"]).toEqual([
      `299 - "metadata.finalizers: \\"a.example.com\\": prefer a domain-qualified finalizer name including a path (/) ${advice}"`,
      `299 - "metadata.finalizers: \\"mine\\": prefer a domain-qualified finalizer name ${advice}"`,
    ]);
  });

  it("is shown as a table", async () => {
    await trial.ok("POST", boats, boat("t", { length: 8, crew: ["ann", "bob"] }));
    const table = await trial.ok<{ columnDefinitions: object[]; rows: { cells: unknown[] }[] }>(
      "GET",
      `${boats}/t`,
      undefined,
      { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
    );
    expect(table.columnDefinitions).toMatchObject([
      { name: "Name", format: "name" },
      { name: "Length", type: "integer", description: "in feet" },
      {
        name: "Crew",
        priority: 1,
        description: "Custom resource definition column (in JSONPath format): .spec.crew",
      },
      { name: "Age", type: "date" },
    ]);
    expect(table.rows[0]?.cells).toEqual(["t", 8, "[ann bob]", expect.stringMatching(/^\d+s$/)]);
  });

  it("is selected by its fields", async () => {
    await trial.ok("POST", boats, boat("blue", { length: 1, color: "blue" }));
    const found = await trial.list(`${boats}?fieldSelector=spec.color%3Dblue`);
    expect(found.items.map(({ metadata }) => metadata?.name)).toEqual(["blue"]);
    expect((await trial.refusal("GET", `${boats}?fieldSelector=spec.oars%3D1`)).message).toBe(
      "field label not supported: spec.oars",
    );
  });

  it("is watched", async () => {
    const watch = await trial.watch(`${boats}?watch=1&resourceVersion=${await trial.revision()}`);
    await trial.ok("POST", boats, boat("w"));
    await trial.ok("DELETE", `${boats}/w`);
    expect((await watch.next(2)).map(({ type, object }) => [type, object.kind])).toEqual([
      ["ADDED", "Boat"],
      ["DELETED", "Boat"],
    ]);
    watch.source.close();
  });

  it("is discovered", async () => {
    expect(await trial.ok("GET", "/apis/example.com/v1")).toMatchObject({
      resources: [
        {
          name: "boats",
          singularName: "boat",
          kind: "Boat",
          namespaced: true,
          shortNames: ["bt"],
          categories: ["fleet"],
          storageVersionHash: expect.stringMatching(/^.{11}=$/),
        },
        { name: "boats/scale", group: "autoscaling", version: "v1", kind: "Scale" },
        { name: "boats/status", kind: "Boat" },
      ],
    });
    const aggregated = await trial.ok<{ items: { metadata: { name: string } }[] }>("GET", "/apis", undefined, {
      accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
    });
    expect(aggregated.items.map(({ metadata }) => metadata.name)).toContain("example.com");
  });
});

describe("a definition", () => {
  it("is established at once", async () => {
    const made = await define(trial, definition(undefined, { names: { plural: "rafts", kind: "Raft" } }));
    expect(made["status"]).toMatchObject({
      acceptedNames: { plural: "rafts", singular: "raft", kind: "Raft", listKind: "RaftList" },
      storedVersions: ["v1"],
      conditions: [
        { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" },
        {
          type: "Established",
          status: "True",
          reason: "InitialNamesAccepted",
          message: "the initial names have been accepted",
        },
      ],
    });
  });

  it("must have sound schemas, but need not have the same again", async () => {
    const bad = version("v1", {
      storage: true,
      schema: { openAPIV3Schema: { type: "object", properties: { spec: {} } } },
    });
    const refused = await trial.refusal(
      "POST",
      definitions,
      definition([bad], { names: { plural: "wrecks", kind: "Wreck" } }),
    );
    expect(refused.message).toBe(
      'CustomResourceDefinition.apiextensions.k8s.io "wrecks.example.com" is invalid: spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
    );
    const two = definition([version("v0", { storage: true }), bad], { names: { plural: "wrecks", kind: "Wreck" } });
    expect((await trial.refusal("POST", definitions, two)).message).toContain(
      "spec.versions[1].schema.openAPIV3Schema.properties[spec].type: Required value",
    );
  });

  it("has rules, which must compile", async () => {
    const ruled = (rule: string): ReturnType<typeof version> => {
      const spec = {
        type: "object",
        properties: { least: { type: "integer" }, most: { type: "integer" } },
        "x-kubernetes-validations": [{ rule, message: "least is too much" }],
      };
      return version("v1", { storage: true, schema: { openAPIV3Schema: { type: "object", properties: { spec } } } });
    };
    const names = { names: { plural: "locks", kind: "Lock" } };
    const refused = await trial.refusal("POST", definitions, definition([ruled("self.least <= self.lost")], names));
    expect(refused.message).toContain("undefined field 'lost'");
    await define(trial, definition([ruled("self.least <= self.most")], names));
    const url = "/apis/example.com/v1/namespaces/default/locks";
    await trial.ok("POST", url, { metadata: { name: "a" }, spec: { least: 1, most: 2 } });
    expect((await trial.refusal("POST", url, { metadata: { name: "b" }, spec: { least: 3, most: 2 } })).message).toBe(
      'Lock.example.com "b" is invalid: spec: Invalid value: least is too much',
    );
  });

  it("warns of formats that nobody knows", async () => {
    const schema = {
      type: "object",
      properties: { spec: { type: "object", properties: { tide: { type: "string", format: "high" } } } },
    };
    const made = definition([version("v1", { storage: true, schema: { openAPIV3Schema: schema } })], {
      names: { plural: "tides", kind: "Tide" },
    });
    const answer = await trial.send("POST", definitions, { body: made });
    expect(answer.headers["warning"]).toEqual(['299 - "unrecognized format \\"high\\""']);
    const again = await trial.send("PATCH", `${definitions}/tides.example.com`, {
      body: { metadata: { labels: { a: "b" } } },
      headers: { "content-type": "application/merge-patch+json" },
    });
    expect(again.headers).not.toHaveProperty("warning");
  });

  it("waits for names that others have", async () => {
    const names = { plural: "ships", singular: "boat", kind: "Ship" };
    const made = await define(trial, definition(undefined, { names }));
    expect(made["status"]).toMatchObject({
      conditions: [
        { type: "NamesAccepted", status: "False", reason: "SingularConflict", message: '"boat" is already in use' },
        { type: "Established", status: "False", reason: "NotAccepted" },
      ],
    });
    expect((await trial.refusal("GET", "/apis/example.com/v1/namespaces/default/ships")).code).toBe(404);
    const from = await trial.revision();
    await trial.ok(
      "PATCH",
      `${definitions}/ships.example.com`,
      { spec: { names: { singular: "ship" } } },
      { "content-type": "application/merge-patch+json" },
    );
    await settledDefinition(trial, "ships.example.com", from);
    expect((await trial.list("/apis/example.com/v1/namespaces/default/ships")).kind).toBe("ShipList");
  });

  it("takes effect when it changes, and ends watches", async () => {
    await define(trial, definition(undefined, { names: { plural: "kayaks", kind: "Kayak" } }));
    const url = "/apis/example.com/v1/namespaces/default/kayaks";
    const watch = await trial.watch(`${url}?watch=1`);
    await trial.ok(
      "PATCH",
      `${definitions}/kayaks.example.com`,
      [
        {
          op: "add",
          path: "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/deck",
          value: { type: "string", default: "open" },
        },
      ],
      { "content-type": "application/json-patch+json" },
    );
    expect((await watch.rest()).length).toBe(0);
    expect((await trial.ok("POST", url, { metadata: { name: "k" }, spec: { length: 1 } }))["spec"]).toMatchObject({
      deck: "open",
    });
  });

  it("takes its instances with it, waiting for those with finalizers", async () => {
    await define(trial, definition(undefined, { names: { plural: "canoes", kind: "Canoe" } }));
    const url = "/apis/example.com/v1/namespaces/default/canoes";
    await trial.ok("POST", url, { metadata: { name: "free" }, spec: { length: 1 } });
    await trial.ok("POST", url, { metadata: { name: "held", finalizers: ["example.com/x"] }, spec: { length: 1 } });
    const from = await trial.revision();
    const watch = await trial.watch(
      `${definitions}?watch=1&resourceVersion=${from}&fieldSelector=metadata.name%3Dcanoes.example.com`,
    );
    const deleted = await trial.ok("DELETE", `${definitions}/canoes.example.com`);
    expect(deleted).toMatchObject({
      metadata: { finalizers: ["customresourcecleanup.apiextensions.k8s.io"] },
    });
    await watch.until(({ object }) => JSON.stringify(object["status"]).includes("InstanceDeletionInProgress"));
    expect(await trial.refusal("POST", url, { metadata: { name: "late" }, spec: { length: 1 } })).toMatchObject({
      code: 405,
      reason: "MethodNotAllowed",
      message: "create not allowed while custom resource definition is terminating",
    });
    const shown = await trial.ok<{ resources: readonly object[] }>("GET", "/apis/example.com/v1");
    expect(shown.resources).toContainEqual(
      expect.objectContaining({ name: "canoes", verbs: ["delete", "deletecollection", "get", "list", "watch"] }),
    );
    const held = await trial.ok("GET", `${url}/held`);
    expect(held.metadata).toHaveProperty("deletionTimestamp");
    await trial.ok("PUT", `${url}/held`, { ...held, metadata: { ...held.metadata, finalizers: [] } });
    await watch.until(({ type }) => type === "DELETED");
    expect((await trial.refusal("GET", url)).code).toBe(404);
    expect(await trial.store.get("/registry/example.com/canoes/default/held")).toBeUndefined();
    watch.source.close();
  });

  it("of a cluster-wide kind has no namespaces", async () => {
    await define(trial, definition(undefined, { scope: "Cluster", names: { plural: "seas", kind: "Sea" } }));
    await trial.ok("POST", "/apis/example.com/v1/seas", { metadata: { name: "north" }, spec: { length: 1 } });
    expect((await trial.refusal("GET", "/apis/example.com/v1/namespaces/default/seas")).code).toBe(404);
  });

  it("is found again after a start", async () => {
    await trial.ok("POST", boats, boat("kept"));
    const again = await startTrial({ store: trial.store });
    expect((await again.ok("GET", `${boats}/kept`)).metadata?.name).toBe("kept");
    await again.close();
  });
});

describe("versions", () => {
  const v1 = "/apis/many.example.com/v1/boats";
  const v2 = "/apis/many.example.com/v2/boats";
  const group = { group: "many.example.com", scope: "Cluster" } as const;

  it("share objects, each with its own schema and columns", async () => {
    await define(
      trial,
      definition(
        [
          version("v1", { deprecated: true }),
          version("v2", {
            storage: true,
            subresources: { status: {} },
            schema: {
              openAPIV3Schema: {
                type: "object",
                properties: {
                  spec: {
                    type: "object",
                    properties: { length: { type: "integer" }, keel: { type: "string", default: "long" } },
                  },
                },
              },
            },
          }),
          version("v3", { served: false }),
        ],
        group,
      ),
    );
    const made = await trial.send("POST", v1, { body: { metadata: { name: "a" }, spec: { length: 3, color: "red" } } });
    expect(made.headers["warning"]).toEqual([
      '299 - "many.example.com/v1 Boat is deprecated; use many.example.com/v2 Boat"',
    ]);
    expect(JSON.parse(made.bytes.toString())).toMatchObject({
      apiVersion: "many.example.com/v1",
      // What the storage version does not know is lost with the write.
      spec: { length: 3, color: "white" },
    });
    expect(await trial.ok("GET", `${v2}/a`)).toMatchObject({
      apiVersion: "many.example.com/v2",
      spec: { length: 3, keel: "long" },
    });
    expect((await trial.list(v1)).items.map((item) => item["spec"])).toEqual([{ color: "white", length: 3 }]);
    expect((await trial.refusal("GET", "/apis/many.example.com/v3/boats")).code).toBe(404);
    expect((await trial.refusal("GET", `${v1}/a/status`)).code).toBe(404);
    expect(await trial.ok("GET", `${v2}/a/status`)).toMatchObject({ kind: "Boat" });
    const groups = await trial.ok<{ preferredVersion: object }>("GET", "/apis/many.example.com");
    expect(groups.preferredVersion).toEqual({ groupVersion: "many.example.com/v2", version: "v2" });
  });
});
