import type { ContainerPort, PodSpec } from "../generated/types/core-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { visitContainers } from "./pod-containers.ts";

type Port = DeepReadonly<ContainerPort>;

/** Ports that containers of one pod define more than once. */
export function portWarnings(spec: DeepReadonly<PodSpec>, path: string): readonly string[] {
  const seen = new Map<string, (readonly [port: Port, path: string])[]>();
  return visitContainers(spec, path).flatMap(([{ ports = [] }, container]) =>
    ports.flatMap((port, index) => {
      const at = `${container}.ports[${index}]`;
      const key = `${port.containerPort}/${port.protocol ?? ""}`;
      const others = seen.get(key) ?? [];
      const warnings = others.flatMap(([other, otherPath]) =>
        clash(port, other).map((how) => `${at}: ${how} ${otherPath}`),
      );
      seen.set(key, [...others, [port, at]]);
      const lonely = port.hostIP && !port.hostPort ? [`${at}: hostIP set without hostPort: ${shown(port)}`] : [];
      return [...lonely, ...warnings];
    }),
  );
}

function clash(port: Port, other: Port): readonly string[] {
  const [hostPort, otherHostPort] = [port.hostPort ?? 0, other.hostPort ?? 0];
  const [hostIp, otherHostIp] = [port.hostIP ?? "", other.hostIP ?? ""];
  if (hostIp === otherHostIp && hostPort === otherHostPort) return ["duplicate port definition with"];
  if (hostPort === 0 || otherHostPort === 0) return ["overlapping port definition with"];
  if (hostPort === otherHostPort && (hostIp === "") !== (otherHostIp === ""))
    return ["dangerously ambiguous port definition with"];
  return [];
}

/** As Go prints the struct. */
function shown({ name = "", hostPort = 0, containerPort, protocol = "", hostIP = "" }: Port): string {
  return `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;
}
