import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MergeType } from "../../schema/merge-type.ts";
import { ApiError } from "../status.ts";
import { builtinType, Story, yaml } from "./managed-fields.testing.ts";

const blanks = {
  ConfigMap: "{apiVersion: v1, kind: ConfigMap, metadata: {}}",
  Service: "{apiVersion: v1, kind: Service, metadata: {}, spec: {}, status: {loadBalancer: {}}}",
  Deployment:
    "{apiVersion: apps/v1, kind: Deployment, metadata: {}, spec: {selector: null, template: {metadata: {}, spec: {containers: null}}, strategy: {}}, status: {}}",
};
const data = (source: string): string => `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: ${source}}`;
const spec = (source: string): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: x}, spec: ${source}}`;
const ports = (source: string): string =>
  `{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: ${source}}}`;
const containers = (source: string): string => spec(`{template: {spec: {containers: ${source}}}}`);

describe("an apply", () => {
  it("creates, and owns what it says", async () => {
    const story = new Story(blanks.Deployment);
    await story.apply("me", spec("{replicas: 2, selector: {matchLabels: {a: b}}, strategy: {}}"));
    expect(story.owners).toEqual({
      "me Apply": { "f:spec": { "f:replicas": {}, "f:selector": {}, "f:strategy": {} } },
    });
  });

  it("removes what its manager does not say any more, unless somebody else says it", async () => {
    const story = new Story(blanks.ConfigMap);
    await story.apply("one", data("{a: x, b: x, c: x}"));
    await story.apply("two", data("{b: x}"));
    await story.update("three", data("{a: x, b: x, c: x, d: x}"));
    await story.apply("one", data("{a: x}"));
    expect(story.object["data"]).toEqual({ a: "x", b: "x", d: "x" });
    expect(story.owners).toEqual({
      "one Apply": { "f:data": { "f:a": {} } },
      "two Apply": { "f:data": { "f:b": {} } },
      "three Update": { "f:data": { "f:d": {} } },
    });
  });

  it("that says nothing any more leaves no entry, and nothing of its own", async () => {
    const story = new Story(blanks.ConfigMap);
    await story.update("other", data("{z: x}"));
    await story.apply("me", data("{a: x}"));
    await story.apply("me", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");
    expect(story.object["data"]).toEqual({ z: "x" });
    expect(Object.keys(story.owners)).toEqual(["other Update"]);
  });

  it("twice is the same as once, to the very entries", async () => {
    const story = new Story(blanks.Service);
    const source = ports("[{port: 80, name: http}, {port: 443, name: https}]");
    const before = await story.apply("me", source);
    expect(await story.apply("me", source)).toBe(before);
  });

  it("that changes no value shares ownership; its entry has no time yet, as upstream's", async () => {
    const story = new Story(blanks.ConfigMap);
    await story.apply("one", data("{a: x}"));
    const [first] = await story.apply("two", data("{a: x}"));
    expect(first).toMatchObject({ manager: "two", fieldsV1: { "f:data": { "f:a": {} } } });
    expect(first?.time).toBeUndefined();
  });

  it("gives what was there before anybody was tracked to before-first-apply", async () => {
    const story = new Story(blanks.ConfigMap);
    story.live = { ...yaml(data("{a: x, b: x}")), metadata: { name: "a", uid: "u" } };
    await story.apply("me", data("{a: x}"));
    expect(story.owners).toEqual({
      "me Apply": { "f:data": { "f:a": {} } },
      "before-first-apply Update": { "f:data": { ".": {}, "f:a": {}, "f:b": {} } },
    });
  });

  it.each<[what: string, live: string, applied: string, order: string]>([
    ["keeps the live order when nothing is said of it", "a b c", "", "a b c"],
    ["appends what is new", "a b", "c", "a b c"],
    ["orders what both have as it was applied", "a b c", "c a", "b c a"],
    ["keeps others behind what they followed", "a x b y", "b a", "x b y a"],
  ])("%s", async (_what, live, applied, order) => {
    const list = (names: string): string =>
      `[${names
        .split(" ")
        .filter((name) => name !== "")
        .map((name) => `{name: ${name}x, image: i}`)
        .join(", ")}]`;
    const story = new Story(blanks.Deployment);
    await story.update("other", containers(list(live)));
    await story.apply("me", containers(list(applied)));
    expect(
      JSON.stringify(story.object["spec"])
        .match(/"name":"\w+"/g)
        ?.map((name) => name.slice(8, -2))
        .join(" "),
    ).toBe(order);
  });

  it("merges items by all their keys, with the default of one that is not there", async () => {
    const story = new Story(blanks.Service);
    await story.update(
      "other",
      ports("[{port: 53, protocol: UDP, name: dns}, {port: 53, protocol: TCP, name: dns-tcp}]"),
    );
    await story.apply("me", ports("[{port: 53, targetPort: 5353}]"));
    expect(story.object["spec"]).toEqual({
      ports: [
        { port: 53, protocol: "UDP", name: "dns" },
        { port: 53, protocol: "TCP", name: "dns-tcp", targetPort: 5353 },
      ],
    });
    expect(story.owners["me Apply"]).toEqual({
      "f:spec": {
        "f:ports": { 'k:{"port":53,"protocol":"TCP"}': { ".": {}, "f:port": {}, "f:targetPort": {} } },
      },
    });
  });

  it("removes an item, and leaves one in which others own something", async () => {
    const story = new Story(blanks.Deployment);
    await story.apply("me", containers("[{name: one, image: i}, {name: two, image: i}, {name: three, image: i}]"));
    await story.apply("other", containers("[{name: two, command: [run]}]"));
    await story.apply("me", containers("[{name: one, image: i}]"));
    expect(JSON.stringify(story.object["spec"])).toContain(
      '"containers":[{"name":"one","image":"i"},{"name":"two","command":["run"]}]',
    );
  });

  it("leaves items that are there twice alone, and replaces them by the one it says", async () => {
    const env = (source: string): string => containers(`[{name: one, env: ${source}}]`);
    const story = new Story(blanks.Deployment);
    await story.update("other", env("[{name: A, value: one}, {name: B, value: one}, {name: A, value: two}]"));
    await story.apply("me", env("[{name: C, value: c}]"));
    expect(JSON.stringify(story.object["spec"])).toContain(
      '"env":[{"name":"A","value":"one"},{"name":"B","value":"one"},{"name":"A","value":"two"},{"name":"C","value":"c"}]',
    );
    await story.apply("me", env("[{name: A, value: mine}]"), { force: true });
    expect(JSON.stringify(story.object["spec"])).toContain(
      '"env":[{"name":"A","value":"mine"},{"name":"B","value":"one"}]',
    );
  });

  it("treats a value without a schema as maps down to what is none", async () => {
    const story = new Story("{apiVersion: x/v1, kind: Thing}", { typeOf: (): MergeType => ({ type: "untyped" }) });
    const thing = (source: string): string => `{apiVersion: x/v1, kind: Thing, metadata: {name: a}, spec: ${source}}`;
    await story.apply("one", thing("{a: {b: 1}, list: [1, 2]}"));
    await story.apply("two", thing("{a: {c: 2}}"));
    expect(story.object["spec"]).toEqual({ a: { b: 1, c: 2 }, list: [1, 2] });
    expect(story.owners["two Apply"]).toEqual({ "f:spec": { ".": {}, "f:a": { ".": {}, "f:c": {} } } });
  });
});

describe("conflicts", () => {
  it("name the field and who has it", async () => {
    const story = new Story(blanks.Deployment);
    await story.apply("one", spec("{replicas: 1}"));
    expect(await story.refusal("two", spec("{replicas: 2}"))).toBe(
      '409 Apply failed with 1 conflict: conflict with "one": .spec.replicas',
    );
    await story.update("scaler", spec("{replicas: 3}"), { subresource: "scale" });
    expect(await story.refusal("two", spec("{replicas: 2}"))).toBe(
      '409 Apply failed with 1 conflict: conflict with "scaler" with subresource "scale" using apps/v1: .spec.replicas',
    );
  });

  it("are listed by manager, with a cause each", async () => {
    const story = new Story(blanks.Deployment);
    await story.apply("one", containers("[{name: c, image: one}]"));
    await story.update("two", spec("{replicas: 3, template: {spec: {containers: [{name: c, image: one}]}}}"));
    const thrown = await story
      .apply("three", spec("{replicas: 2, template: {spec: {containers: [{name: c, image: three}]}}}"))
      .catch((error: unknown) => error);
    expect((thrown as ApiError).toStatus()).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message:
        'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.template.spec.containers[name="c"].image\nconflicts with "two" using apps/v1:\n- .spec.replicas',
      reason: "Conflict",
      details: {
        causes: [
          {
            reason: "FieldManagerConflict",
            message: 'conflict with "one"',
            field: '.spec.template.spec.containers[name="c"].image',
          },
          { reason: "FieldManagerConflict", message: 'conflict with "two" using apps/v1', field: ".spec.replicas" },
        ],
      },
      code: 409,
    });
  });

  it("are won by force, and the others lose the fields", async () => {
    const story = new Story(blanks.Deployment);
    await story.apply("one", spec("{replicas: 1, paused: true}"));
    await story.apply("two", spec("{replicas: 2}"), { force: true });
    expect(story.object["spec"]).toMatchObject({ replicas: 2, paused: true });
    expect(story.owners).toEqual({
      "one Apply": { "f:spec": { "f:paused": {} } },
      "two Apply": { "f:spec": { "f:replicas": {} } },
    });
  });

  it("are none where both say the same", async () => {
    const story = new Story(blanks.Deployment);
    await story.apply("one", spec("{replicas: 1}"));
    expect(await story.refusal("two", spec("{replicas: 1}"))).toBe("");
  });
});

describe("kubectl's move from client-side apply", () => {
  const lastApplied = JSON.stringify(JSON.stringify(yaml(data("{a: x, b: x}"))));
  const live = (more: string): string =>
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {kubectl.kubernetes.io/last-applied-configuration: ${lastApplied}}}, data: ${more}}`;

  it("takes what it had applied without a conflict, and keeps the annotation up", async () => {
    const story = new Story(blanks.ConfigMap);
    await story.update("kubectl-client-side-apply", live("{a: x, b: x}"));
    expect(await story.refusal("somebody", data("{a: changed}"))).toContain("409");
    await story.apply("kubectl", data("{a: changed}"));
    expect(story.live.metadata?.annotations).toEqual({
      "kubectl.kubernetes.io/last-applied-configuration":
        '{"apiVersion":"v1","data":{"a":"changed"},"kind":"ConfigMap","metadata":{"name":"a"}}\n',
    });
    expect(Object.keys(story.owners)).toEqual(["kubectl Apply", "kubectl-client-side-apply Update"]);
  });

  it("still has conflicts where somebody has changed a value since", async () => {
    const story = new Story(blanks.ConfigMap);
    await story.update("kubectl-client-side-apply", live("{a: x, b: x}"));
    await story.update("kubectl-edit", live("{a: edited, b: x}"));
    expect(await story.refusal("kubectl", data("{a: changed, b: changed}"))).toBe(
      '409 Apply failed with 1 conflict: conflict with "kubectl-edit" using v1: .data.a',
    );
  });
});

describe("what cannot be applied", () => {
  it.each<[applied: string, refusal: string]>([
    [
      spec("{replicas: many}"),
      "500 failed to create typed patch object (x/web; apps/v1, Kind=Deployment): .spec.replicas: expected numeric (int or float), got string",
    ],
    [
      spec("{bogus: 1}"),
      "500 failed to create typed patch object (x/web; apps/v1, Kind=Deployment): .spec.bogus: field not declared in schema",
    ],
    [
      containers("[{name: x}, {name: x}]"),
      '500 failed to create typed patch object (x/web; apps/v1, Kind=Deployment): .spec.template.spec.containers: duplicate entries for key [name="x"]',
    ],
    [
      containers("[{name: c, env: [{name: A, value: 1}, {name: B, value: {x: [true, b]}}]}]"),
      '500 failed to create typed patch object (x/web; apps/v1, Kind=Deployment): errors:\n  .spec.template.spec.containers[name="c"].env[name="A"].value: expected string, got &value.valueUnstructured{Value:1}\n  .spec.template.spec.containers[name="c"].env[name="B"].value: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"x":[]interface {}{true, "b"}}}',
    ],
    [
      containers("{a: b}"),
      "500 failed to create typed patch object (x/web; apps/v1, Kind=Deployment): .spec.template.spec.containers: expected list, got &{map[a:b]}",
    ],
    [
      spec("{template: {metadata: {finalizers: [null]}}}"),
      "500 failed to create typed patch object (x/web; apps/v1, Kind=Deployment): .spec.template.metadata.finalizers: element 0: associative list without keys has an element that's an explicit null",
    ],
    ["{apiVersion: v1, kind: Pod}", "400 invalid object type: /v1, Kind=Pod"],
    [
      "{apiVersion: apps/v1, kind: Deployment, metadata: {managedFields: []}}",
      "400 metadata.managedFields must be nil",
    ],
  ])("%s", async (applied, refusal) => {
    const story = new Story(blanks.Deployment, { typeOf: () => builtinType("apps/v1", "Deployment") });
    expect(await story.refusal("me", applied)).toBe(refusal);
  });
});

describe("histories of appliers", () => {
  const names = ["one", "two", "three"];
  const values = fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__"), fc.constantFrom("x", "y"));
  const step = fc.record({ manager: fc.constantFrom(...names), values });

  it("leave the last word of everybody who still says something, and nothing else", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const story = new Story(blanks.ConfigMap);
        const said = new Map<string, Record<string, string>>();
        const expected = new Map<string, string>();
        for (const { manager, values: now } of steps) {
          const source = data(JSON.stringify(now));
          await story.apply(manager, source, { force: true });
          said.set(manager, now);
          for (const [key, value] of Object.entries(now)) {
            if (expected.get(key) !== value) for (const other of said.values()) if (other !== now) delete other[key];
            expected.set(key, value);
          }
          for (const key of expected.keys())
            if (![...said.values()].some((one) => Object.hasOwn(one, key))) expected.delete(key);
          const object = story.object["data"];
          expect(new Map(Object.entries(object ?? {}))).toEqual(expected);
          const entries = story.live.metadata?.managedFields;
          expect(await story.apply(manager, source)).toEqual(entries ?? []);
        }
      }),
      { numRuns: 60 },
    );
  });
});
