import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { OpenApiSource } from "../../api/openapi/document.ts";
import type { ResourceRow } from "../../api/resource.ts";
import { openApiFiles } from "./open-api-files.ts";

/** Content of one of the files of `open-api-files.ts`. */
export type ReadOpenApi = (file: string) => Promise<Uint8Array>;

/**
 * The documents that the build made. They are read when asked for, which is seldom, and not kept: the operating
 * system's cache does that, outside of our memory.
 */
export function builtOpenApi(folder: string): ReadOpenApi {
  return (file) => readFile(join(folder, file));
}

/** For a server with resources switched off: its documents are made when the first one is asked for, and kept. */
export function reducedOpenApi(folder: string, rows: readonly ResourceRow[]): ReadOpenApi {
  let making: Promise<ReadonlyMap<string, Uint8Array>> | undefined;
  const make = async (): Promise<ReadonlyMap<string, Uint8Array>> => {
    // Written by our own build.
    const source = JSON.parse(await readFile(join(folder, "definitions.json"), "utf8")) as OpenApiSource;
    return new Map(openApiFiles(rows, source));
  };
  return async (file) => {
    making ??= make();
    const content = (await making).get(file);
    if (content === undefined) throw new Error(`no OpenAPI file ${file}`);
    return content;
  };
}
