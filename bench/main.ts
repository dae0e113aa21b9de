/** `npm run bench [-- names…]`: measures the built command (`npm run build` first) and prints tables for README.md. */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { all } from "./all.ts";
import { markdown } from "./measurement.ts";

/** In the checkout, for the folder for temporary files may be in memory. */
const disk = fileURLToPath(new URL("../node_modules/.cache/", import.meta.url));

const names = process.argv.slice(2);
const unknown = names.filter((name) => !all.some((measurement) => measurement.name === name));
if (unknown.length > 0) {
  console.error(`no measurement ${unknown.join(", ")}; there are: ${all.map(({ name }) => name).join(", ")}`);
  process.exitCode = 1;
} else {
  console.log(`${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus().length} cores`);
  console.log(`${cpus()[0]?.model ?? "unknown processor"}, ${process.platform} ${release()}`);
  for (const { name, title, measure } of all) {
    if (names.length > 0 && !names.includes(name)) continue;
    const scratch = await mkdtemp(join(disk, "bench-"));
    try {
      console.log(`\n### ${title} (\`${name}\`)\n\n${markdown(await measure(scratch))}`);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }
}
