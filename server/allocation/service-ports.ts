import type { FieldError } from "../../api/machinery/field-error.ts";
import type { ServicePort, ServiceSpec } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { bad } from "../../api/machinery/findings.ts";
import { hasNodePorts, needsHealthCheck, needsNodePorts } from "../../api/core/service-needs.ts";
import { nodePortsOf, type PortReservation } from "./node-ports.ts";

type Spec = DeepReadonly<ServiceSpec>;

/** Whether a write takes any: `old` is undefined on create. */
export function wantsNodePorts(spec: Spec, old: Spec | undefined): boolean {
  if (wantsHealthCheck(spec, old)) return true;
  if (!hasNodePorts(spec)) return false;
  const before = nodePortsOf(old ?? {});
  return (spec.ports ?? []).some(({ nodePort }) => (nodePort ? !before.has(nodePort) : needsNodePorts(spec)));
}

/** Takes what is asked for and fills in the rest. Returns what could not be had. */
export function fillNodePorts(spec: ServiceSpec, old: Spec | undefined, reservation: PortReservation): FieldError[] {
  if (hasNodePorts(spec)) {
    const findings = old === undefined ? fillNew(spec, reservation) : fillChanged(spec, old, reservation);
    if (findings.length > 0) return findings;
  }
  if (wantsHealthCheck(spec, old)) fillHealthCheck(spec, reservation);
  return [];
}

function wantsHealthCheck(spec: Spec, old: Spec | undefined): boolean {
  return needsHealthCheck(spec) && !needsHealthCheck(old);
}

/** Ports of one number, in several protocols, share their node port unless the writer says otherwise (DNS, HTTP/3). */
function fillNew(spec: ServiceSpec, reservation: PortReservation): FieldError[] {
  const ports = spec.ports ?? [];
  const shared = new Map<number, number>();
  for (const [index, port] of ports.entries()) {
    if (!port.nodePort && !needsNodePorts(spec)) continue;
    const known = shared.get(port.port);
    if (known !== undefined && (!port.nodePort || port.nodePort === known)) {
      port.nodePort = known;
      continue;
    }
    const asked = known === undefined ? askedFor(port, ports) : port.nodePort;
    const finding = takeInto(port, asked, index, reservation);
    if (finding !== undefined) return [finding];
    if (known === undefined && port.nodePort) shared.set(port.port, port.nodePort);
  }
  return [];
}

function askedFor({ port }: ServicePort, ports: readonly ServicePort[]): number | undefined {
  return ports.find((other) => other.port === port && other.nodePort)?.nodePort;
}

function fillChanged(spec: ServiceSpec, old: Spec, reservation: PortReservation): FieldError[] {
  const own = new Set((old.ports ?? []).map(({ nodePort }) => nodePort));
  for (const [index, port] of (spec.ports ?? []).entries()) {
    if (port.nodePort ? own.has(port.nodePort) : !needsNodePorts(spec)) continue;
    const finding = takeInto(port, port.nodePort, index, reservation);
    if (finding !== undefined) return [finding];
    own.add(port.nodePort);
  }
  return [];
}

function takeInto(
  port: ServicePort,
  asked: number | undefined,
  index: number,
  reservation: PortReservation,
): FieldError | undefined {
  if (!asked) {
    port.nodePort = next(reservation, "nodePort");
    return undefined;
  }
  const why = reservation.take(asked);
  if (why !== undefined) return bad(`spec.ports[${index}].nodePort`, asked, why);
  port.nodePort = asked;
  return undefined;
}

function fillHealthCheck(spec: ServiceSpec, reservation: PortReservation): void {
  const asked = spec.healthCheckNodePort;
  if (!asked) {
    spec.healthCheckNodePort = next(reservation, "HealthCheck NodePort");
    return;
  }
  const why = reservation.take(asked);
  if (why !== undefined) throw internalError(`failed to allocate requested HealthCheck NodePort ${asked}: ${why}`);
}

function next(reservation: PortReservation, what: string): number {
  const port = reservation.takeNext();
  if (port === undefined) throw internalError(`failed to allocate a ${what}: range is full`);
  return port;
}

/** The cluster has no more to give: upstream calls that an internal error. */
export function internalError(why: string): ApiError {
  return new ApiError("InternalError", `Internal error occurred: ${why}`, { details: { causes: [{ message: why }] } });
}
