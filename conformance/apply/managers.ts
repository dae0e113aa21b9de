import type { Stage } from "../kubectl/stage.ts";
import type { Outcome } from "../program.ts";

/** Who owns what, as `--show-managed-fields` tells it. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsV1: object;
}

/** Somebody who applies on the server. */
export interface Applier {
  ok(object: object, ...args: readonly string[]): Promise<string>;
  /** Whatever comes of it. */
  run(object: object, ...args: readonly string[]): Promise<Outcome>;
}

export function createApplier({ kubectl, namespace }: Stage, manager: string): Applier {
  const command = ["apply", "--server-side", `--field-manager=${manager}`, "-n", namespace, "-f", "-"];
  const run = (object: object, ...args: readonly string[]): Promise<Outcome> =>
    kubectl.run([...command, ...args], { stdin: JSON.stringify(object) });
  return {
    run,
    async ok(object, ...args) {
      const { code, stdout, stderr } = await run(object, ...args);
      if (code !== 0) throw new Error(stderr);
      return stdout;
    },
  };
}

export async function managersOf(stage: Stage, resource: string, name: string): Promise<readonly ManagedFields[]> {
  const { metadata } = await stage.json("get", resource, name, "--show-managed-fields");
  return (metadata as { managedFields?: readonly ManagedFields[] }).managedFields ?? [];
}

/** The names of fields that one owns, as dotted paths; of list items with their keys. */
export async function fieldsOf(
  stage: Stage,
  resource: string,
  name: string,
  manager: string,
): Promise<readonly string[]> {
  const entries = (await managersOf(stage, resource, name)).filter((entry) => entry.manager === manager);
  return entries.flatMap(({ fieldsV1 }) => [...leaves(fieldsV1, "")]).toSorted();
}

function* leaves(fields: object, path: string): Generator<string> {
  for (const [name, inner] of Object.entries(fields) as [string, object][]) {
    const here = name === "." ? path : `${path}${name.startsWith("f:") ? `.${name.slice(2)}` : `[${name.slice(2)}]`}`;
    if (Object.keys(inner).length === 0) yield here;
    else yield* leaves(inner, here);
  }
}
