import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStage, type Stage } from "../kubectl/stage.ts";
import { tableLines } from "../kubectl/table-text.ts";
import { defineAll, definitionFile, group, object, readDefinition, removeAll } from "./definitions.ts";
import { largeDefinition } from "./large-definition.ts";

describe("kubectl and the definitions of custom kinds", () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage(36, "crds");
    await defineAll(stage);
  });
  afterAll(async () => {
    await removeAll(stage);
    await stage[Symbol.asyncDispose]();
  });

  const send = (command: readonly string[], one: object): ReturnType<Stage["kubectl"]["run"]> =>
    stage.kubectl.run([...command, "-n", stage.namespace, "-f", "-"], { stdin: JSON.stringify(one) });
  const patch = (plural: string, operations: readonly object[], ...args: readonly string[]): readonly string[] => [
    ...["patch", "crd", `${plural}.${group}`, "--type=json", "-p", JSON.stringify(operations)],
    ...args,
  ];

  test("api-resources", async () => {
    const lines = tableLines(await stage.ok("api-resources", `--api-group=${group}`, "-o", "wide", "--sort-by=name"));
    const verbs = "create,delete,deletecollection,get,list,patch,update,watch";
    expect(lines.slice(1)).toEqual([
      `lookouts | lkt | ${group}/v1 | true | Lookout | ${verbs} | harbour`,
      `recipes | ${group}/v1 | false | Recipe | ${verbs} | harbour`,
      `seals | sl,wax | ${group}/v1 | true | Seal | ${verbs} | harbour,conformance-all`,
      `voyages | voy,voys | ${group}/v1 | true | Voyage | ${verbs} | harbour`,
    ]);
    expect(await stage.ok("api-versions")).toMatch(
      /^harbour\.conformance\.example\/v1\n^harbour\.conformance\.example\/v1alpha1$/m,
    );
  });

  test("explain, in depth and in one version or another", async () => {
    const key = await stage.ok("explain", "seal.spec.privateKey");
    expect(key).toContain(`GROUP:      ${group}\nKIND:       Seal\nVERSION:    v1\n\nFIELD: privateKey <Object>\n`);
    expect(key).toMatch(/^ {2}algorithm\t<string>\n {2}enum: RSA, ECDSA, Ed25519$/m);
    const all = await stage.ok("explain", "seal", "--recursive");
    expect(all).toMatch(/^ {4}Seal asks an issuer for a certificate and keeps it in a Secret\.$/m);
    expect(all).toMatch(/^ {2}spec\t<Object> -required-$/m);
    expect(all).toMatch(/^ {4}issuer\t<Object> -required-\n {6}group\t<string>$/m);
    expect(all).toMatch(/^ {4}conditions\t<\[\]Object>$/m);
    expect(all).toMatch(/^ {2}metadata\t<ObjectMeta>\n {4}annotations\t<map\[string\]string>$/m);
    expect(await stage.ok("explain", "lookout.spec.volumeClaimTemplate")).toMatch(
      /^ {2}apiVersion\t<string> -required-$/m,
    );
    expect(await stage.ok("explain", "voyage", `--api-version=${group}/v1alpha1`)).toContain("VERSION:    v1alpha1");
    expect(await stage.refused("explain", "seal.spec.nothing")).toContain('field "nothing" does not exist');
  });

  test("several versions without conversion", async () => {
    const old = object("Voyage", "old", { spec: { sources: [{ repo: "https://git.example/a" }] } }, "v1alpha1");
    expect((await send(["create"], old)).stderr).toBe("Warning: voyages of v1alpha1 end with the season\n");
    expect((await stage.json("get", `voyages.v1.${group}`, "old")).apiVersion).toBe(`${group}/v1`);
    const seen = await stage.kubectl.run(["get", `voyages.v1alpha1.${group}`, "old", "-n", stage.namespace]);
    expect(tableLines(seen.stdout)[0]).toBe("NAME | OLD");
    expect(seen.stderr).toBe("Warning: voyages of v1alpha1 end with the season\n");
    expect(await stage.refused("get", `voyages.v0.${group}`, "old")).toContain(
      "the server doesn't have a resource type",
    );
    const fresh = object("Voyage", "old", { spec: { sources: [{ repo: "https://git.example/b" }] } });
    expect((await send(["replace"], fresh)).stdout).toBe(`voyage.${group}/old replaced\n`);
    const one = await stage.json("get", `voyages.v1alpha1.${group}`, "old");
    expect(one).toMatchObject({
      apiVersion: `${group}/v1alpha1`,
      spec: { sources: [{ repo: "https://git.example/b" }] },
    });
  });

  test("the version that is stored moves, and is remembered", async () => {
    const stored = (): Promise<string> =>
      stage.ok("get", "crd", `voyages.${group}`, "-o", "jsonpath={.status.storedVersions}");
    expect(await stored()).toBe('["v1alpha1"]');
    const flip = [
      { op: "replace", path: "/spec/versions/0/storage", value: false },
      { op: "replace", path: "/spec/versions/1/storage", value: true },
    ];
    await stage.ok(...patch("voyages", flip));
    expect(await stored()).toBe('["v1alpha1","v1"]');
    expect(await stage.refused(...patch("voyages", [{ op: "remove", path: "/spec/versions/0" }]))).toContain(
      'status.storedVersions[0]: Invalid value: "v1alpha1": missing from spec.versions; v1alpha1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1alpha1 and removes v1alpha1 from status.storedVersions',
    );
    // The migration: what is written again is stored in the new version, though nothing else changes.
    const unchanged = await stage.json("get", "voyages.v1.harbour.conformance.example", "old");
    expect((await send(["replace"], unchanged)).code).toBe(0);
    await stage.ok(
      ...patch("voyages", [{ op: "replace", path: "/status/storedVersions", value: ["v1"] }], "--subresource=status"),
    );
    await stage.ok(...patch("voyages", [{ op: "remove", path: "/spec/versions/0" }]));
    expect(await stored()).toBe('["v1"]');
    expect((await stage.json("get", "voyages", "old"))["spec"]).toMatchObject({ sources: [{ revision: "HEAD" }] });
  });

  test("a definition that says too little, or what cannot be, is refused", async () => {
    const definition = readDefinition("recipes") as unknown as {
      metadata: { name: string };
      spec: Record<string, unknown>;
    };
    const changed = (spec: object, name = definition.metadata.name): object => ({
      ...definition,
      metadata: { name },
      spec: { ...definition.spec, ...spec },
    });
    const said = async (one: object): Promise<string> => (await send(["create", "--dry-run=server"], one)).stderr;
    expect(await said(changed({}, "other.example"))).toContain(
      `metadata.name: Invalid value: "other.example": must be spec.names.plural+"."+spec.group`,
    );
    const version = (schema: object, more: object = {}): object =>
      changed(
        {
          names: { plural: "brews", kind: "Brew" },
          versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema }, ...more }],
        },
        `brews.${group}`,
      );
    const of = (schema: object): object => version({ type: "object", properties: { spec: schema } });
    expect(await said(of({ properties: {} }))).toContain(
      "spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields",
    );
    expect(
      await said(
        of({ type: "object", properties: { a: { type: "string" } }, additionalProperties: { type: "string" } }),
      ),
    ).toContain("additionalProperties and properties are mutual exclusive");
    expect(await said(of({ type: "string", default: 5 }))).toContain(
      'spec.validation.openAPIV3Schema.properties[spec].default: Invalid value: "integer":  in body must be of type string: "integer"',
    );
    const list = {
      type: "array",
      "x-kubernetes-list-type": "map",
      items: { type: "object", properties: { k: { type: "string" } } },
    };
    expect(await said(of(list))).toContain(
      "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map",
    );
    const rules = {
      type: "object",
      properties: { n: { type: "integer" } },
      "x-kubernetes-validations": [{ rule: "self.n + 'x'" }],
    };
    expect(await said(of(rules))).toContain(
      "compilation failed: ERROR: <input>:1:8: found no matching overload for '_+_' applied to '(int, string)'",
    );
    expect(await said(version({ type: "object" }, { selectableFields: [{ jsonPath: ".spec.nothing" }] }))).toContain(
      "spec.selectableFields[0].jsonPath: Invalid value: ",
    );
  });

  test("names that others have are not accepted", async () => {
    const definition = readDefinition("recipes");
    const rival = {
      ...definition,
      metadata: { name: `brews.${group}`, labels: { suite: "conformance" } },
      spec: {
        ...(definition["spec"] as object),
        names: { plural: "brews", singular: "brew", kind: "Brew", shortNames: ["wax"] },
      },
    };
    expect((await send(["create"], rival)).code).toBe(0);
    await stage.ok("wait", "--for=condition=NamesAccepted=false", `crd/brews.${group}`, "--timeout=20s");
    const conditions = await stage.ok(
      ...["get", "crd", `brews.${group}`, "-o"],
      'jsonpath={range .status.conditions[*]}{.type}={.status} {.reason}: {.message}{"\\n"}{end}',
    );
    expect(conditions).toContain('NamesAccepted=False ShortNamesConflict: "wax" is already in use\n');
    expect(conditions).toContain("Established=False NotAccepted: not all names are accepted\n");
    await stage.ok("delete", "crd", `brews.${group}`);
  });

  test("more than a megabyte", async () => {
    const large = largeDefinition(1_100_000);
    const applied = await send(["apply"], large);
    expect(applied.stderr).toMatch(/metadata\.annotations: Too long: may not be more than 262144 bytes/);
    expect((await send(["apply", "--server-side"], large)).stdout).toBe(
      `customresourcedefinition.apiextensions.k8s.io/arks.${group} serverside-applied\n`,
    );
    await stage.ok("wait", "--for=condition=Established", `crd/arks.${group}`, "--timeout=20s");
    expect((await send(["create"], object("Ark", "big", { spec: { section7: {} } }))).code).toBe(0);
    expect(await stage.ok("get", "ark", "big", "-o", "jsonpath={.spec.section7.field39}")).toBe("far");
    expect(await stage.ok("explain", "ark.spec.section3.field2")).toContain("How far the vessel goes");
    expect((await send(["apply", "--server-side"], large)).code).toBe(0);
    await stage.ok("delete", "crd", `arks.${group}`);
  });

  test("a definition goes with its objects, and its kind is gone", async () => {
    expect(
      (
        await send(
          ["create"],
          object("Lookout", "last", { metadata: { name: "last", finalizers: ["conformance.example/hold"] } }),
        )
      ).code,
    ).toBe(0);
    await stage.ok("delete", "crd", `lookouts.${group}`, "--wait=false");
    expect(await stage.ok("wait", "--for=condition=Terminating", `crd/lookouts.${group}`, "--timeout=20s")).toContain(
      "condition met",
    );
    expect((await send(["create"], object("Lookout", "late", {}))).stderr).toContain(
      "create not allowed while custom resource definition is terminating",
    );
    await stage.ok("patch", "lookout", "last", "--type=merge", "-p", '{"metadata":{"finalizers":null}}');
    await stage.ok("wait", "--for=delete", `crd/lookouts.${group}`, "--timeout=20s");
    expect(await stage.ok("api-resources", `--api-group=${group}`, "-o", "name")).not.toContain("lookouts");
    expect(await stage.refused("get", "lookouts")).toContain(`the server doesn't have a resource type "lookouts"`);
    await stage.ok("create", "-f", definitionFile("lookouts"));
    await stage.ok("wait", "--for=condition=Established", `crd/lookouts.${group}`, "--timeout=20s");
    expect(await stage.ok("get", "lookouts", "-o", "name")).toBe("");
  });
});
