import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { layerBinary, type Layer } from "../layer-binary.ts";
import { createProgram, type Program } from "../program.ts";

/** The kubectl minors that come with the development dependencies. */
export type Minor = Layer;

/** One installed kubectl with a home, a kubeconfig and a discovery cache of its own. */
export interface Kubectl extends Program {
  readonly minor: Minor;
}

export async function createKubectl(minor: Minor, kubeconfig: string): Promise<Kubectl> {
  const binary = await layerBinary(minor, "kubectl");
  const home = await mkdtemp(join(tmpdir(), `kubectl-1.${minor}-`));
  await mkdir(join(home, "cache"));
  await writeFile(join(home, "kubeconfig"), kubeconfig, { mode: 0o600 });
  const program = createProgram({
    name: "kubectl",
    binary,
    home,
    args: ["--cache-dir", join(home, "cache")],
    env: { KUBECONFIG: join(home, "kubeconfig") },
  });
  return { ...program, minor };
}
