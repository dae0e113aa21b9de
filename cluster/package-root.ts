import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The folder of this package: the same whether this runs from the sources, from the built modules or from the one-file
 * command.
 */
export function packageRoot(from: string = import.meta.url): string {
  let folder = dirname(fileURLToPath(from));
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error(`no package.json above ${fileURLToPath(from)}: the installation is incomplete`);
    folder = parent;
  }
  return folder;
}
