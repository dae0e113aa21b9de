import { readFileSync } from "node:fs";
import { join } from "node:path";
import { versionInfo } from "../server/discovery/version-info.ts";
import { packageRoot } from "./package-root.ts";

export interface Versions {
  /** `0.1.0` */
  readonly wherry: string;
  /** `v1.36.2` */
  readonly kubernetes: string;
}

export function versions(): Versions {
  // Our own package.json.
  const { version } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as { version: string };
  return { wherry: version, kubernetes: versionInfo(process).gitVersion };
}
