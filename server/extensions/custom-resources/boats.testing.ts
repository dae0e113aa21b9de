import type { CustomResourceDefinition } from "../../../api/generated/types/apiextensions-v1.ts";
import type { Loose, Trial } from "../../trial.testing.ts";

export const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
export const boats = "/apis/example.com/v1/namespaces/default/boats";

type Version = CustomResourceDefinition["spec"]["versions"][number];
type Schema = NonNullable<Version["schema"]>["openAPIV3Schema"];

export const boatSchema: NonNullable<Schema> = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      required: ["length"],
      properties: {
        color: { type: "string", default: "white", enum: ["white", "red", "blue"] },
        length: { type: "integer", minimum: 1 },
        oars: { type: "integer" },
        crew: { type: "array", items: { type: "string" } },
      },
    },
    status: { type: "object", properties: { oars: { type: "integer" }, selector: { type: "string" } } },
  },
};

export function version(name: string, differently: Partial<Version> = {}): Version {
  return { name, served: true, storage: false, schema: { openAPIV3Schema: boatSchema }, ...differently };
}

export function definition(
  versions: readonly Version[] = [version("v1", { storage: true })],
  spec: Partial<CustomResourceDefinition["spec"]> = {},
): CustomResourceDefinition {
  const names = spec.names ?? { plural: "boats", kind: "Boat", shortNames: ["bt"], categories: ["fleet"] };
  const group = spec.group ?? "example.com";
  return {
    metadata: { name: `${names.plural}.${group}` },
    spec: { group, scope: "Namespaced", ...spec, names, versions: [...versions] },
  };
}

/** Makes a definition and waits for it to be served, or to be told that it cannot be. */
export async function define(trial: Trial, made: CustomResourceDefinition): Promise<Loose> {
  const name = made.metadata?.name ?? "";
  const from = await trial.revision();
  await trial.ok("POST", definitions, made);
  return settledDefinition(trial, name, from);
}

/** The definition once its status speaks of its generation. */
export async function settledDefinition(trial: Trial, name: string, from: number): Promise<Loose> {
  const watch = await trial.watch(
    `${definitions}?watch=1&resourceVersion=${from}&fieldSelector=metadata.name%3D${name}`,
  );
  const events = await watch.until(({ object }) => {
    const { observedGeneration } = (object["status"] ?? {}) as { observedGeneration?: number };
    return observedGeneration === object.metadata?.generation;
  });
  watch.source.close();
  const last = events.at(-1);
  if (last === undefined) throw new Error(`${name} did not settle`);
  return last.object;
}

export function boat(name: string, spec: object = { length: 4 }): object {
  return { apiVersion: "example.com/v1", kind: "Boat", metadata: { name }, spec };
}
