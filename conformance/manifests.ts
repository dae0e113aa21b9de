import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

/** A Kubernetes object as clients read it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

export const manifestRoot: string = join(dirname(fileURLToPath(import.meta.url)), "manifests");

export function manifestFile(folder: string, name: "minimal" | "full"): string {
  return join(manifestRoot, folder, `${name}.yaml`);
}

export function readManifest(folder: string, name: "minimal" | "full"): Manifest {
  return parse(readFileSync(manifestFile(folder, name), "utf8")) as Manifest;
}

/** `core/configmaps`, … */
export function manifestFolders(): readonly string[] {
  return readdirSync(manifestRoot).flatMap((group) =>
    readdirSync(join(manifestRoot, group)).map((plural) => `${group}/${plural}`),
  );
}
