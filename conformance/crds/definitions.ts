import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import type { Stage } from "../kubectl/stage.ts";
import type { Manifest } from "../manifests.ts";

export const group = "harbour.conformance.example";
export type Plural = "seals" | "lookouts" | "voyages" | "recipes";
const plurals: readonly Plural[] = ["seals", "lookouts", "voyages", "recipes"];

export function definitionFile(plural: Plural): string {
  return join(dirname(fileURLToPath(import.meta.url)), "manifests", `${plural}.yaml`);
}

export function readDefinition(plural: Plural): Manifest {
  return parse(readFileSync(definitionFile(plural), "utf8")) as Manifest;
}

/** All of them, served. */
export async function defineAll(stage: Stage): Promise<void> {
  await stage.ok("create", ...plurals.flatMap((plural) => ["-f", definitionFile(plural)]));
  await stage.ok("wait", "--for=condition=Established", "crd", "-l", "suite=conformance", "--timeout=30s");
}

/** With their objects; before the cluster goes, for it may be somebody's. */
export async function removeAll(stage: Stage): Promise<void> {
  await stage.ok("delete", "crd", "-l", "suite=conformance", "--ignore-not-found");
}

export function object(kind: string, name: string, parts: object, version = "v1"): object {
  return { apiVersion: `${group}/${version}`, kind, metadata: { name }, ...parts };
}
