import type { Subject } from "../../../api/generated/types/rbac-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { UserInfo } from "../../../api/wire.ts";
import type { Decision } from "../authorizer.ts";
import type { Role } from "./role.ts";
import type { BindingKind, BindingObject } from "./rule.ts";

/** Whom a subject stands for: the users of a name, or the members of a group. */
interface Principal {
  readonly type: "user" | "group";
  readonly name: string;
}

/** One RoleBinding or ClusterRoleBinding. */
export class Binding {
  readonly kind: BindingKind;
  /** "" for all namespaces. */
  readonly namespace: string;
  readonly name: string;
  readonly role: Role;
  readonly principals: readonly (Principal | undefined)[];
  readonly #subjects: readonly DeepReadonly<Subject>[];
  readonly #decisions: (Decision | undefined)[] = [];

  constructor(kind: BindingKind, object: BindingObject, role: Role) {
    this.kind = kind;
    this.namespace = object.metadata?.namespace ?? "";
    this.name = object.metadata?.name ?? "";
    this.role = role;
    this.#subjects = object.subjects ?? [];
    this.principals = this.#subjects.map((subject) => principalOf(subject, this.namespace));
  }

  /** For one of those whom it binds: that it allows what its role allows, and to whom. */
  decisionFor(user: UserInfo): Decision {
    const first = this.principals.findIndex((principal) => principal !== undefined && isMeant(principal, user));
    return (this.#decisions[first] ??= { opinion: "allow", reason: `RBAC: allowed by ${this.#describe(first)}` });
  }

  #describe(subject: number): string {
    const full = this.namespace === "" ? this.name : `${this.name}/${this.namespace}`;
    const { kind, name } = this.role;
    const to = describeSubject(this.#subjects[subject], this.namespace);
    return `${this.kind} ${JSON.stringify(full)} of ${kind} ${JSON.stringify(name)} to ${to}`;
  }
}

function isMeant({ type, name }: Principal, user: UserInfo): boolean {
  return type === "user" ? user.name === name : user.groups.includes(name);
}

/** A service account acts as the user that is named after it; where its namespace is left out, it is the binding's. */
function principalOf({ kind, name, namespace }: DeepReadonly<Subject>, home: string): Principal | undefined {
  switch (kind) {
    case "User":
      return { type: "user", name };
    case "Group":
      return { type: "group", name };
    case "ServiceAccount": {
      const of = namespace || home;
      return of === "" ? undefined : { type: "user", name: `system:serviceaccount:${of}:${name}` };
    }
    default:
      return undefined;
  }
}

function describeSubject(subject: DeepReadonly<Subject> | undefined, home: string): string {
  const { kind = "", name = "", namespace } = subject ?? {};
  return `${kind} ${JSON.stringify(kind === "ServiceAccount" ? `${name}/${namespace || home}` : name)}`;
}
