import type { ServiceAccount } from "../generated/types/core-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";

export const serviceAccounts: ResourceRow = defineResource<ServiceAccount>({
  group: "",
  version: "v1",
  kind: "ServiceAccount",
  plural: "serviceaccounts",
  shortNames: ["sa"],
  scope: "Namespaced",
  definition: "io.k8s.api.core.v1.ServiceAccount",
  storageVersionHash: "pbx9ZvyFpBE=",
  subresources: [
    { name: "token", kind: "TokenRequest", group: "authentication.k8s.io", version: "v1", verbs: ["create"] },
  ],
  unconditionalUpdate: true,
  returnsDeleted: true,
  prepareForCreate: keepOnlyNames,
  prepareForUpdate: keepOnlyNames,
  warn: warnings,
  table: {
    columns: [nameColumn, ageColumn],
    cells: ({ metadata }, { now }) => [metadata?.name ?? "", age(metadata?.creationTimestamp, now)],
  },
});

const mountableSecrets = "kubernetes.io/enforce-mountable-secrets";

function warnings(account: DeepReadonly<ServiceAccount>, old: DeepReadonly<ServiceAccount> | undefined): string[] {
  const has = ({ metadata }: DeepReadonly<ServiceAccount> = {}): boolean =>
    Object.hasOwn(metadata?.annotations ?? {}, mountableSecrets);
  if (!has(account) || has(old)) return [];
  return [
    `metadata.annotations[${mountableSecrets}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
  ];
}

/** References to secrets lead within the namespace: a name is all that counts. */
function keepOnlyNames(account: ServiceAccount): void {
  if (account.secrets === undefined) return;
  account.secrets = account.secrets.map(({ name }) => (name === undefined ? {} : { name }));
}
