import { nameOf, type GroupResource } from "./configuration.ts";
import { identity } from "./identity.ts";
import type { Transformer } from "./transformer.ts";

/** By `secrets`, `deployments.apps`, `*.apps`, `*.`, `*.*` */
export type Transformers = ReadonlyMap<string, Transformer>;

/** The resource's own, its group's, or that of everything; as it is where there is none. */
export function chooseTransformer(transformers: Transformers, { group, resource }: GroupResource): Transformer {
  return (
    transformers.get(nameOf({ group, resource })) ??
    transformers.get(nameOf({ group, resource: "*" })) ??
    transformers.get("*.*") ??
    identity
  );
}
