import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { layerBinary, type Layer } from "../layer-binary.ts";
import { createProgram, type Program } from "../program.ts";

/** The majors of helm, and the layer that carries the newest of each. */
const layers: Readonly<Record<HelmMajor, Layer>> = { 3: 32, 4: 36 };
export type HelmMajor = 3 | 4;

/** Our own: a service with everything around it. */
export const chart: string = join(dirname(fileURLToPath(import.meta.url)), "chart");

export async function createHelm(major: HelmMajor, kubeconfig: string): Promise<Program> {
  const home = await mkdtemp(join(tmpdir(), `helm-${major}-`));
  await writeFile(join(home, "kubeconfig"), kubeconfig, { mode: 0o600 });
  return createProgram({
    name: `helm ${major}`,
    binary: await layerBinary(layers[major], "helm"),
    home,
    env: {
      KUBECONFIG: join(home, "kubeconfig"),
      HELM_CACHE_HOME: join(home, "cache"),
      HELM_CONFIG_HOME: join(home, "config"),
      HELM_DATA_HOME: join(home, "data"),
    },
  });
}
