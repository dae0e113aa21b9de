import type { FieldError } from "../../api/machinery/field-error.ts";
import { bad, required } from "../../api/machinery/findings.ts";
import {
  parseGroupResource,
  type EncryptionConfiguration,
  type KeysConfiguration,
  type KmsConfiguration,
  type ProviderConfiguration,
} from "../../storage/encryption/configuration.ts";

const keyLengths = { aesgcm: [16, 24, 32], aescbc: [16, 24, 32], secretbox: [32] } as const;
const hidden = "REDACTED";

/** In upstream's words. `reload`: the file may be read again while the server runs. */
export function validateEncryption({ resources }: EncryptionConfiguration, reload: boolean): readonly FieldError[] {
  if (resources.length === 0) return [required("resources", "at least one resources is required")];
  const services = new Set<string>();
  return resources.flatMap(({ resources: names, providers }, index) => {
    const at = `resources[${index}]`;
    const empty = (field: string): FieldError => required(`${at}.${field}`, `at least one ${at}.${field} is required`);
    return [
      ...(names.length === 0 ? [empty("resources")] : []),
      ...overlapFindings(names, `${at}.resources`),
      ...names.flatMap((name, position) => nameFindings(name, `${at}.resources[${position}]`)),
      ...(providers.length === 0 ? [empty("providers")] : []),
      ...providers.flatMap((provider, position) =>
        providerFindings(provider, `${at}.providers[${position}]`, { services, reload }),
      ),
    ];
  });
}

const everything = "*.*";

function overlapFindings(names: readonly string[], at: string): readonly FieldError[] {
  const several = names.length > 1;
  const overlaps = names.some((name, index) => several && masks(name, names.toSpliced(index, 1)));
  return [
    ...(new Set(names).size < names.length
      ? [bad(at, names, "the same resource cannot be specified multiple times")]
      : []),
    ...(overlaps
      ? [
          bad(
            at,
            names,
            "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked",
          ),
        ]
      : []),
  ];
}

function masks(name: string, others: readonly string[]): boolean {
  const one = parseGroupResource(name);
  if (name === everything) return others.some((other) => other !== name);
  return (
    one.resource === "*" && others.some((other) => other !== name && parseGroupResource(other).group === one.group)
  );
}

/** They are stored, but are no objects that one could ask for. */
const notServed: ReadonlySet<string> = new Set([
  "apiserveripinfo",
  "serviceipallocations",
  "servicenodeportallocations",
]);

function nameFindings(name: string, at: string): readonly FieldError[] {
  const why = nameProblem(name);
  return why === undefined ? [] : [bad(at, name, why)];
}

function nameProblem(name: string): string | undefined {
  if (name.toLowerCase() !== name) return "resource name should not contain capital letters";
  if (name === "*") return "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources";
  if (notServed.has(name)) return "resources which do not have REST API/s cannot be encrypted";
  const { group, resource } = parseGroupResource(name);
  if (group === "events.k8s.io")
    return "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file";
  if (group === "extensions") return "'extensions' group has been removed and cannot be used for encryption";
  if (group === "*" && resource !== "*") return "encrypting the same resource across groups is not supported";
  return undefined;
}

interface Known {
  readonly services: Set<string>;
  readonly reload: boolean;
}

function providerFindings(provider: ProviderConfiguration, at: string, known: Known): readonly FieldError[] {
  const named = (["kms", "aesgcm", "aescbc", "secretbox", "identity"] as const).filter(
    (name) => provider[name] !== undefined,
  );
  const findings: FieldError[] = [];
  if (named.length === 0)
    findings.push(
      bad(at, {}, "provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity"),
    );
  if (named.length > 1)
    findings.push(
      bad(at, named, "more than one provider specified in a single element, should split into different list elements"),
    );
  const [first] = named;
  if (first === "kms" && provider.kms !== undefined) findings.push(...kmsFindings(provider.kms, `${at}.kms`, known));
  else if (first === "aesgcm" || first === "aescbc" || first === "secretbox")
    findings.push(...keysFindings(provider[first], `${at}.${first}.keys`, keyLengths[first]));
  return findings;
}

function keysFindings(
  configuration: KeysConfiguration | undefined,
  at: string,
  lengths: readonly number[],
): readonly FieldError[] {
  const keys = configuration?.keys ?? [];
  if (keys.length === 0) return [required(at, "at least one keys is required")];
  return keys.flatMap(({ name, secret }, index) => [
    ...(name === "" ? [required(`${at}[${index}].name`, "name is a mandatory field for a key")] : []),
    ...secretFindings(secret, `${at}[${index}].secret`, lengths),
  ]);
}

function secretFindings(secret: string, at: string, lengths: readonly number[]): readonly FieldError[] {
  if (secret === "") return [required(at, "secret is a mandatory field for a key")];
  // Go takes line feeds for nothing, and nothing else.
  const text = secret.replaceAll(/[\r\n]/g, "");
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) return [bad(at, hidden, "secrets must be base64 encoded")];
  if (lengths.includes(bytes.length)) return [];
  const wanted = `[${lengths.join(" ")}]`;
  return [bad(at, hidden, `secret is not of the expected length, got ${bytes.length}, expected one of ${wanted}`)];
}

function kmsFindings(kms: KmsConfiguration, at: string, { services, reload }: Known): readonly FieldError[] {
  const { apiVersion, name, endpoint, timeoutMs, cachesize } = kms;
  const findings: FieldError[] = [];
  if (name === "") findings.push(required(`${at}.name`, "name is a mandatory field for a provider"));
  if (apiVersion !== "v1" && name.includes(":"))
    findings.push(bad(`${at}.name`, name, `invalid KMS provider name ${name}, must not contain ':'`));
  if ((reload || apiVersion !== "v1") && services.has(name))
    findings.push(bad(`${at}.name`, name, `duplicate KMS provider name ${name}, names must be unique`));
  services.add(name);
  if (timeoutMs <= 0) findings.push(bad(`${at}.timeout`, `${timeoutMs / 1000}s`, "timeout should be a positive value"));
  findings.push(...endpointFindings(endpoint, `${at}.endpoint`));
  if (apiVersion !== "v1" && cachesize !== undefined)
    findings.push(bad(`${at}.cachesize`, cachesize, "cachesize is not supported in v2"));
  if (apiVersion === "v1" && cachesize === 0)
    findings.push(bad(`${at}.cachesize`, 0, "cachesize should be a positive value, or negative to disable"));
  if (apiVersion !== "v1" && apiVersion !== "v2")
    findings.push(
      bad(
        `${at}.apiVersion`,
        apiVersion,
        "unsupported apiVersion apiVersion for KMS provider, only v1 and v2 are supported",
      ),
    );
  return findings;
}

function endpointFindings(endpoint: string, at: string): readonly FieldError[] {
  if (endpoint === "") return [bad(at, "", "endpoint is a mandatory field for a kms")];
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(endpoint)?.[1] ?? "";
  if (scheme === "unix") return [];
  return [bad(at, endpoint, `unsupported scheme ${JSON.stringify(scheme)} for KMS provider, only unix is supported`)];
}
