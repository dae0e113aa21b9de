/** https://kubernetes.io/docs/reference/access-authn-authz/authorization/#using-configuration-file-for-authorization */
export interface AuthorizationConfiguration {
  /** In the order in which they are asked. */
  readonly authorizers: readonly AuthorizerConfiguration[];
}

/** As somebody wrote it; what was left out of it is "". */
export interface AuthorizerConfiguration {
  readonly type: string;
  readonly name: string;
  readonly webhook?: WebhookConfiguration | undefined;
}

export interface WebhookConfiguration {
  /** These in nanoseconds, as Go counts. */
  readonly timeout: bigint;
  readonly authorizedTTL: bigint;
  readonly unauthorizedTTL: bigint;
  readonly cacheAuthorizedRequests: boolean;
  readonly cacheUnauthorizedRequests: boolean;
  readonly subjectAccessReviewVersion: string;
  readonly matchConditionSubjectAccessReviewVersion: string;
  readonly failurePolicy: string;
  readonly connectionInfo: { readonly type: string; readonly kubeConfigFile?: string | undefined };
  readonly matchConditions: readonly { readonly expression: string }[];
}

/** Where the file says nothing. */
export const webhookDefaults: {
  readonly authorizedTTL: bigint;
  readonly unauthorizedTTL: bigint;
} = { authorizedTTL: 300_000_000_000n, unauthorizedTTL: 30_000_000_000n };

/** Without a say of the configuration. Webhooks may be there several times, under names of their own. */
export const builtInTypes = ["AlwaysAllow", "AlwaysDeny", "Node", "RBAC"] as const;
export type BuiltInType = (typeof builtInTypes)[number];

/** What a built-in authorizer is called. */
export function builtInName(type: string): string {
  return type.toLowerCase();
}
