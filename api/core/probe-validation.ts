import type { LifecycleHandler, Probe } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, named, nonNegative, required } from "../machinery/findings.ts";
import { httpHeaderName, portName, portNumber } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";

export function validateProbe(probe: DeepReadonly<Probe> | undefined, path: string): FieldError[] {
  if (probe === undefined) return [];
  const findings = validateHandler(probe, path);
  for (const field of [
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
  ] as const) {
    findings.push(...nonNegative(`${path}.${field}`, probe[field]));
  }
  if (probe.terminationGracePeriodSeconds !== undefined && probe.terminationGracePeriodSeconds <= 0) {
    findings.push(
      bad(`${path}.terminationGracePeriodSeconds`, probe.terminationGracePeriodSeconds, "must be greater than 0"),
    );
  }
  return findings;
}

const handlers = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const;

/** Exactly one way to ask: of a probe, or of a lifecycle hook. */
export function validateHandler(handler: DeepReadonly<Probe & LifecycleHandler>, path: string): FieldError[] {
  const [first, ...more] = handlers.filter((name) => handler[name] !== undefined);
  if (first === undefined) return [required(path, "must specify a handler type")];
  const findings = more.map((name) => forbidden(`${path}.${name}`, "may not specify more than 1 handler type"));
  if (handler.exec !== undefined && (handler.exec.command?.length ?? 0) === 0)
    findings.push(required(`${path}.exec.command`));
  if (handler.httpGet !== undefined) {
    findings.push(...portNumberOrName(`${path}.httpGet.port`, handler.httpGet.port));
    for (const { name } of handler.httpGet.httpHeaders ?? [])
      findings.push(...named(`${path}.httpGet.httpHeaders`, name, httpHeaderName(name)));
  }
  if (handler.tcpSocket !== undefined)
    findings.push(...portNumberOrName(`${path}.tcpSocket.port`, handler.tcpSocket.port));
  if (handler.grpc !== undefined)
    findings.push(...named(`${path}.grpc.port`, handler.grpc.port, portNumber(handler.grpc.port)));
  return findings;
}

export function portNumberOrName(field: string, port: number | string | undefined): FieldError[] {
  if (typeof port === "string") return named(field, port, portName(port));
  return named(field, port ?? 0, portNumber(port ?? 0));
}
