/** How callers may show who they are, in the words of kube-apiserver's flags. Files are looked at again as long as it runs. */
export interface AuthenticationChoices {
  /** False: nothing without credentials. */
  readonly anonymousAuth?: boolean;
  /** PEM: further authorities of client certificates, besides the cluster's own. */
  readonly clientCaFile?: string;
  /** Lines of `token,user,uid,"group1,group2"`; read once. */
  readonly tokenAuthFile?: string;
  readonly requestHeader?: RequestHeaderChoices;
  readonly oidc?: OidcChoices;
  /** A file of upstream's `AuthenticationConfiguration`, YAML or JSON. */
  readonly configFile?: string;
  readonly webhook?: TokenWebhookChoices;
}

/** A proxy in front of the server that says who the user is. */
export interface RequestHeaderChoices {
  /** PEM: further authorities of such proxies, besides the cluster's own. */
  readonly clientCaFile?: string;
  /** Common names of their certificates, besides `front-proxy-client`; of a file without any, all. */
  readonly allowedNames?: readonly string[];
  readonly usernameHeaders?: readonly string[];
  readonly uidHeaders?: readonly string[];
  readonly groupHeaders?: readonly string[];
  readonly extraHeadersPrefix?: readonly string[];
}

export interface OidcChoices {
  readonly issuerUrl?: string;
  readonly clientId?: string;
  /** PEM, read once; the authorities that the machine knows when absent. */
  readonly caFile?: string;
  readonly usernameClaim?: string;
  readonly usernamePrefix?: string;
  readonly groupsClaim?: string;
  readonly groupsPrefix?: string;
  /** `claim=value` */
  readonly requiredClaims?: readonly string[];
  /** `RS256` when absent. */
  readonly signingAlgs?: readonly string[];
}

export interface TokenWebhookChoices {
  /** In the form of a kubeconfig. */
  readonly configFile?: string;
  /** Milliseconds for which answers are remembered; two minutes when absent. */
  readonly cacheTtl?: number;
  /** Of TokenReview: `v1` or `v1beta1`, which is upstream's default. */
  readonly version?: string;
}
