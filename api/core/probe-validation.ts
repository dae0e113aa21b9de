import type { Lifecycle, LifecycleHandler, Probe } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, named, nonNegative, required, unsupported } from "../machinery/findings.ts";
import { httpHeaderName, portName, portNumber } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";

/** What probes and hooks need to know of their pod. */
export interface Patience {
  readonly gracePeriod: number | undefined;
  readonly os: string | undefined;
}

export interface Probed {
  readonly livenessProbe?: DeepReadonly<Probe>;
  readonly readinessProbe?: DeepReadonly<Probe>;
  readonly startupProbe?: DeepReadonly<Probe>;
  readonly lifecycle?: DeepReadonly<Lifecycle>;
}

export function validateProbes(container: Probed, patience: Patience, path: string): FieldError[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  const findings = validateLifecycle(lifecycle, patience, `${path}.lifecycle`);
  findings.push(...validateProbe(livenessProbe, patience, `${path}.livenessProbe`));
  findings.push(...oneSuccess(livenessProbe, `${path}.livenessProbe`));
  findings.push(...validateProbe(readinessProbe, patience, `${path}.readinessProbe`));
  const grace = readinessProbe?.terminationGracePeriodSeconds;
  if (grace !== undefined)
    findings.push(
      bad(`${path}.readinessProbe.terminationGracePeriodSeconds`, grace, "must not be set for readinessProbes"),
    );
  findings.push(...validateProbe(startupProbe, patience, `${path}.startupProbe`));
  findings.push(...oneSuccess(startupProbe, `${path}.startupProbe`));
  return findings;
}

/** Only readiness can take its time to come back. */
function oneSuccess(probe: DeepReadonly<Probe> | undefined, path: string): FieldError[] {
  const successes = probe?.successThreshold ?? 1;
  return successes === 1 ? [] : [bad(`${path}.successThreshold`, successes, "must be 1")];
}

const counts = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
] as const;

function validateProbe(probe: DeepReadonly<Probe> | undefined, patience: Patience, path: string): FieldError[] {
  if (probe === undefined) return [];
  const findings = validateHandler(probe, patience, path);
  for (const field of counts) findings.push(...nonNegative(`${path}.${field}`, probe[field]));
  const { terminationGracePeriodSeconds: grace } = probe;
  if (grace !== undefined && grace <= 0)
    findings.push(bad(`${path}.terminationGracePeriodSeconds`, grace, "must be greater than 0"));
  return findings;
}

function validateLifecycle(lifecycle: Probed["lifecycle"], patience: Patience, path: string): FieldError[] {
  const { postStart, preStop, stopSignal } = lifecycle ?? {};
  return [
    ...(postStart === undefined ? [] : validateHandler(postStart, patience, `${path}.postStart`)),
    ...(preStop === undefined ? [] : validateHandler(preStop, patience, `${path}.preStop`)),
    ...(stopSignal === undefined ? [] : validateStopSignal(stopSignal, patience, `${path}.stopSignal`)),
  ];
}

/** The schema knows Linux's signals; Windows has but two. */
function validateStopSignal(signal: string, { os }: Patience, field: string): FieldError[] {
  if (os === undefined) return [forbidden(field, "may not be set for containers with empty `spec.os.name`")];
  const isKnown = os !== "windows" || signal === "SIGKILL" || signal === "SIGTERM";
  return isKnown ? [] : [unsupported(field, signal, ["SIGKILL", "SIGTERM"])];
}

const handlers = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const;

/** Exactly one way to ask: of a probe, or of a lifecycle hook. */
function validateHandler(
  handler: DeepReadonly<Probe & LifecycleHandler>,
  patience: Patience,
  path: string,
): FieldError[] {
  const [first, ...more] = handlers.filter((name) => handler[name] !== undefined);
  if (first === undefined) return [required(path, "must specify a handler type")];
  return [
    ...validateAction(first, handler, patience, `${path}.${first}`),
    ...more.map((name) => forbidden(`${path}.${name}`, "may not specify more than 1 handler type")),
  ];
}

function validateAction(
  kind: (typeof handlers)[number],
  handler: DeepReadonly<Probe & LifecycleHandler>,
  { gracePeriod }: Patience,
  path: string,
): FieldError[] {
  switch (kind) {
    case "exec":
      return (handler.exec?.command?.length ?? 0) === 0 ? [required(`${path}.command`)] : [];
    case "httpGet":
      return [
        ...portNumberOrName(`${path}.port`, handler.httpGet?.port),
        ...(handler.httpGet?.httpHeaders ?? []).flatMap(({ name = "" }) =>
          named(`${path}.httpHeaders`, name, httpHeaderName(name)),
        ),
      ];
    case "tcpSocket":
      return portNumberOrName(`${path}.port`, handler.tcpSocket?.port);
    case "grpc":
      return portNumberOrName(`${path}.port`, handler.grpc?.port);
    case "sleep": {
      const seconds = handler.sleep?.seconds ?? 0;
      if (gracePeriod === undefined || (seconds >= 0 && seconds <= gracePeriod)) return [];
      return [bad(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`)];
    }
  }
}

export function portNumberOrName(field: string, port: number | string | undefined): FieldError[] {
  if (typeof port === "string") return named(field, port, portName(port));
  return named(field, port ?? 0, portNumber(port ?? 0));
}
