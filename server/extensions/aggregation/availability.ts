import type { Service } from "../../../api/generated/types/core-v1.ts";
import type { ObjectReader } from "../../admission/object-reader.ts";
import { readyEndpoints, slicesOf } from "../service-resolver.ts";
import { askRemote, type AskDeps } from "./ask-remote.ts";
import type { Availability } from "./conditions.ts";
import { rootPath, type RemoteService } from "./remote-services.ts";

/** Endpoints are chosen at random: one of several that answers will do. */
const attempts = 5;

/** What the cluster's own objects say of a remote service; undefined when nothing speaks against it. */
export async function foreseeable(
  { service: { namespace, name, port } }: RemoteService,
  reader: ObjectReader,
): Promise<Availability | undefined> {
  const no = (reason: string, message: string): Availability => ({ status: "False", reason, message });
  const where = `service/${name} in ${JSON.stringify(namespace)}`;
  const service = await reader.find<Service>("services", namespace, name);
  if (service === undefined) return no("ServiceNotFound", `${where} is not present`);
  if ((service.spec?.type ?? "ClusterIP") !== "ClusterIP") return undefined;
  const found = service.spec?.ports?.find((one) => one.port === port);
  if (found === undefined) return no("ServicePortError", `${where} is not listening on port ${port}`);
  const slices = await slicesOf(reader, namespace, name);
  if (slices.length === 0) return no("EndpointsNotFound", `cannot find endpointslices for ${where}`);
  const portName = found.name ?? "";
  if (slices.some((slice) => readyEndpoints(slice, portName).length > 0)) return undefined;
  return no(
    "MissingEndpoints",
    `endpointslices for ${where} have no addresses with port name ${JSON.stringify(portName)}`,
  );
}

/** Whether the server answers for its group-version. */
export async function checkDiscovery(remote: RemoteService, deps: AskDeps): Promise<Availability> {
  try {
    await Promise.any(Array.from({ length: attempts }, () => answersOnce(remote, deps)));
    return { status: "True", reason: "Passed", message: "all checks passed" };
  } catch (thrown) {
    const last: unknown = thrown instanceof AggregateError ? thrown.errors.at(-1) : thrown;
    return { status: "False", reason: "FailedDiscoveryCheck", message: last instanceof Error ? last.message : "" };
  }
}

async function answersOnce(remote: RemoteService, deps: AskDeps): Promise<void> {
  const { url, status } = await askRemote(
    remote,
    { path: rootPath(remote), accept: "application/json, */*", insecure: true },
    deps,
  ).catch((thrown: unknown) => {
    const where = thrown instanceof Error ? /^Get "([^"]+)"/.exec(thrown.message)?.[1] : undefined;
    if (where === undefined) throw thrown;
    throw new Error(`failing or missing response from ${where}: ${(thrown as Error).message}`, { cause: thrown });
  });
  if (status < 200 || status >= 300)
    throw new Error(`failing or missing response from ${url}: bad status from ${url}: ${status}`);
}
