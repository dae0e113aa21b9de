import type { PodSpec, WindowsSecurityContextOptions } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, named } from "../machinery/findings.ts";
import { dnsSubdomain } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { visitContainers } from "./pod-containers.ts";

type Options = DeepReadonly<WindowsSecurityContextOptions>;

const largestSpecKiB = 64;
const longestDomain = 256;
const longestUser = 104;

export function validateWindowsOptions(options: Options | undefined, path: string): FieldError[] {
  if (options === undefined) return [];
  const { gmsaCredentialSpecName: specName, gmsaCredentialSpec: spec, runAsUserName } = options;
  const findings: FieldError[] = [];
  if (specName !== undefined)
    findings.push(...named(`${path}.gmsaCredentialSpecName`, specName, dnsSubdomain(specName)));
  const field = `${path}.gmsaCredentialSpec`;
  if (spec === "") findings.push(bad(field, spec, "gmsaCredentialSpec cannot be an empty string"));
  if (spec !== undefined && Buffer.byteLength(spec) > largestSpecKiB * 1024)
    findings.push(bad(field, spec, `gmsaCredentialSpec size must be under ${largestSpecKiB} KiB`));
  if (runAsUserName !== undefined)
    findings.push(...named(`${path}.runAsUserName`, runAsUserName, userProblems(runAsUserName)));
  return findings;
}

const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const dnsPart = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
const dnsName = new RegExp(`^${dnsPart}(?:\\.${dnsPart})*$`);

/** All but what is not a control character, so that none need be written here. */
const controls = /[^ -~\u0080-\u{10ffff}]/u;

/** `[DOMAIN\]USER`; https://kubernetes.io/docs/tasks/configure-pod-container/configure-runasusername/#windows-username-limitations */
function userProblems(name: string): string[] {
  if (name === "") return ["runAsUserName cannot be an empty string"];
  if (controls.test(name)) return ["runAsUserName cannot contain control characters"];
  const parts = name.split("\\");
  if (parts.length > 2) return ["runAsUserName cannot contain more than one backslash"];
  const user = parts.at(-1) ?? "";
  const domain = parts.length === 2 ? parts[0] : undefined;
  const problems: string[] = [];
  if (domain !== undefined && domain.length >= longestDomain)
    problems.push(`runAsUserName's Domain length must be under ${longestDomain} characters`);
  if (domain !== undefined && !netBios.test(domain) && !dnsName.test(domain))
    problems.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  if (user === "") problems.push("runAsUserName's User cannot be empty");
  if (user.length > longestUser)
    problems.push(`runAsUserName's User length must not be longer than ${longestUser} characters`);
  if (/^[. ]+$/.test(user)) problems.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user))
    problems.push(`runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`);
  return problems;
}

/** Containers that are processes of the host: all of a pod's, or none. https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/ */
export function validateHostProcess(spec: DeepReadonly<PodSpec>, path: string): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const findings: FieldError[] = [];
  const containers = visitContainers(spec, path);
  let hostProcesses = 0;
  for (const [{ securityContext }, at] of containers) {
    const own = securityContext?.windowsOptions?.hostProcess;
    if (own ?? ofPod) hostProcesses += 1;
    if (own === undefined || ofPod === undefined || own === ofPod) continue;
    const why = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
    findings.push(bad(`${at}.securityContext.windowsOptions.hostProcess`, own, why));
  }
  if (hostProcesses === 0) return findings;
  if (hostProcesses !== containers.length) {
    const why = "If pod contains any hostProcess containers then all containers must be HostProcess containers";
    findings.push(bad(path, "", why));
  }
  if (spec.hostNetwork !== true)
    findings.push(
      bad(`${path}.hostNetwork`, false, "hostNetwork must be true if pod contains any hostProcess containers"),
    );
  return findings;
}
