import facts from "../../api/facts/system-objects.json" with { type: "json" };

/** `[verbs, groups, resources, names?]`, or `[verbs, { urls }]`. */
export type RuleFact =
  | readonly [readonly string[], readonly string[], readonly string[], (readonly string[])?]
  | readonly [readonly string[], { readonly urls: readonly string[] }];

export interface ClusterRoleFact {
  readonly rules: readonly RuleFact[];
  readonly aggregate?: readonly Readonly<Record<string, string>>[];
  readonly labels?: Readonly<Record<string, string>>;
}

export interface PriorityLevelFact {
  readonly type: "Exempt" | "Limited";
  readonly nominalConcurrencyShares: number;
  readonly lendablePercent: number;
  readonly limitResponse?: "Queue" | "Reject";
  readonly queues?: number;
  readonly handSize?: number;
  readonly queueLengthLimit?: number;
}

export interface FlowSchemaFact {
  readonly priorityLevel: string;
  readonly matchingPrecedence: number;
  readonly distinguisher?: string;
  readonly subjects: readonly string[];
  readonly resourceRules: readonly (readonly [
    readonly string[],
    readonly string[],
    readonly string[],
    readonly string[],
    boolean,
  ])[];
  readonly nonResourceRules: readonly (readonly [readonly string[], readonly string[]])[];
}

/** What a cluster of this version has from its first start on; the file is the legend. */
export interface SystemObjects {
  readonly namespaces: Readonly<Record<string, unknown>>;
  readonly clusterRoles: Readonly<Record<string, ClusterRoleFact>>;
  /** name → role, subjects */
  readonly clusterRoleBindings: Readonly<Record<string, readonly [string, readonly string[]]>>;
  /** namespace/name → rules */
  readonly roles: Readonly<Record<string, readonly RuleFact[]>>;
  /** namespace/name → role kind, role, subjects */
  readonly roleBindings: Readonly<Record<string, readonly [string, string, readonly string[]]>>;
  readonly rbacCommon: {
    readonly annotations: Readonly<Record<string, string>>;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly clusterRolesOnlyWithGates: Readonly<Record<string, string>>;
  readonly priorityClasses: Readonly<Record<string, { readonly value: number }>>;
  readonly priorityLevelConfigurations: Readonly<Record<string, PriorityLevelFact>>;
  readonly flowSchemas: Readonly<Record<string, FlowSchemaFact>>;
  readonly flowControlCommon: { readonly annotations: Readonly<Record<string, string>> };
}

export const systemObjects: SystemObjects = facts as unknown as SystemObjects;
