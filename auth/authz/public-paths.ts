import { allowed, type Authorizer, noOpinion } from "./authorizer.ts";

const paths = ["/healthz", "/livez", "/readyz", "/version", "/api", "/apis", "/openapi"];

/** What a client may read before anybody knows it: health, version and discovery. */
export const publicPaths: Authorizer = ({ verb, resource, path }) => {
  if (resource !== undefined || (verb !== "get" && verb !== "head")) return noOpinion;
  return paths.some((open) => path === open || path.startsWith(`${open}/`)) ? allowed : noOpinion;
};
