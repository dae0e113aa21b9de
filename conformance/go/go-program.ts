import { execFile } from "node:child_process";
import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createProgram, type Program } from "../program.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const cache = fileURLToPath(new URL("../../node_modules/.cache/go/", import.meta.url));

/**
 * The program of this folder, built with the client library that its go.mod names. Go looks for a pod's credentials at one
 * place only: the program runs where `folder` is mounted there, and sees nothing else below /run.
 */
export async function goProgram(folder: string): Promise<Program> {
  const binary = join(cache, "in-cluster");
  await mkdir(cache, { recursive: true });
  await promisify(execFile)("go", ["build", "-o", binary, "."], { cwd: here });
  const home = await mkdtemp(join(tmpdir(), "go-"));
  const place = "/run/secrets/kubernetes.io/serviceaccount";
  const mounted = `mount -t tmpfs none /run && mkdir -p ${place} && cp "$0"/* ${place} && exec "$@"`;
  const args = ["--map-root-user", "--mount", "sh", "-c", mounted, folder, binary];
  return createProgram({ name: "in-cluster", binary: "unshare", home, args, env: {} });
}
