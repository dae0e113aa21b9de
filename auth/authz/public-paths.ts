import type { Authorizer } from "./authorizer.ts";

const paths = ["/healthz", "/livez", "/readyz", "/version", "/api", "/apis", "/openapi"];

/** What a client may read before anybody knows it: health, version and discovery. */
export const publicPaths: Authorizer = ({ verb, resource, path }) => {
  if (resource !== undefined || (verb !== "get" && verb !== "head")) return "no opinion";
  return paths.some((open) => path === open || path.startsWith(`${open}/`)) ? "allow" : "no opinion";
};
