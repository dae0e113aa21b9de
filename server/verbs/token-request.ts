import type { TokenRequest, TokenRequestSpec } from "../../api/generated/types/authentication-v1.ts";
import type { ServiceAccount } from "../../api/generated/types/core-v1.ts";
import { validateTokenRequest } from "../../api/authentication/token-requests.ts";
import { invalid } from "../../api/machinery/field-error.ts";
import { bad } from "../../api/machinery/findings.ts";
import type { DeepReadonly, ObjectMeta } from "../../api/machinery/object.ts";
import { conflict, notFound } from "../../api/machinery/status.ts";
import { manageUpdate } from "../../api/machinery/managed-fields/manage-update.ts";
import { formatTime } from "../../api/machinery/time.ts";
import type { ApiResponse } from "../../api/wire.ts";
import { credentialId } from "../../auth/tokens/account-user.ts";
import { boundClaims } from "../../auth/tokens/claims.ts";
import type { TokenSigner } from "../../auth/tokens/token-signer.ts";
import type { VersionCodec } from "../encoding/kind.ts";
import { objectResponse } from "../encoding/object.ts";
import { setManagedFields } from "../strategy/managed-fields.ts";
import { acceptedBy, writeRequest, type ResourceRequest, type VerbDeps } from "./context.ts";
import { decodePosted } from "./posted.ts";
import { boundObject } from "./token-bound-object.ts";
import { writeOptions } from "./write-options.ts";

/** How tokens are made. */
export interface TokenIssuing {
  readonly sign: TokenSigner;
  /** This server's own: what a token is for that names none. */
  readonly audiences: readonly string[];
  readonly maxLifetimeSeconds: number | undefined;
  readonly extendLifetime: boolean;
}

interface TokenRequestDeps extends VerbDeps {
  readonly codec: VersionCodec;
  readonly issuing: TokenIssuing;
}

type Asked = TokenRequest & { readonly spec: TokenRequestSpec };

const kind = { group: "authentication.k8s.io", kind: "TokenRequest" };
/** What projected volumes ask for: by this the server knows a pod that may read its token but once. */
const projectedSeconds = 3607;
const extendedSeconds = 365 * 86_400;

/**
 * A token for a service account, as kubelets fetch them for pods: `kubectl create token`.
 * https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
 */
export async function requestToken(request: ResourceRequest, deps: TokenRequestDeps): Promise<ApiResponse> {
  const accepted = acceptedBy(request, { stream: false });
  const options = writeOptions(request.query, "CreateOptions", request.request.headers["user-agent"]);
  const posted = { kind: kind.kind, apiVersions: ["authentication.k8s.io/v1"], codec: deps.codec } as const;
  const asked = (await decodePosted(request, { ...posted, anyName: true }, options)) as Asked;
  const now = deps.clock.now();
  let account: DeepReadonly<ServiceAccount> = {};
  await ownRequest(asked, options.fieldManager, deps);
  await deps.objects.admit(writeRequest(request, options, "refuse"), asked, async () => {
    account = await accountOf(request, deps);
    complete(asked, account, deps.issuing, now);
  });
  const { spec } = asked;
  const bound = await boundObject(spec, request.target, deps.reader);
  shorten(spec, deps.issuing, request);
  const lifetimeSeconds = spec.expirationSeconds ?? 0;
  const isExtended = bound.pod !== undefined && isForOnce(spec, deps.issuing);
  const id = deps.random.uuid();
  const { namespace = "", name = "", uid = "" } = account.metadata ?? {};
  const claims = boundClaims(
    { namespace, name, uid },
    {
      ...{ audiences: spec.audiences ?? [], bound, id, now },
      lifetimeSeconds: isExtended ? extendedSeconds : lifetimeSeconds,
      warnAfterSeconds: isExtended ? lifetimeSeconds : undefined,
    },
  );
  asked.status = {
    token: await deps.issuing.sign(claims),
    expirationTimestamp: formatTime(now + lifetimeSeconds * 1000),
  };
  request.annotations.set("authentication.kubernetes.io/issued-credential-id", credentialId(id));
  return objectResponse(201, asked, accepted);
}

/** As of every object that is posted, though nobody will write to this one again. */
async function ownRequest(asked: Asked, manager: string, { codec, clock }: TokenRequestDeps): Promise<void> {
  const entries = manageUpdate({
    manager,
    subresource: "token",
    apiVersion: "authentication.k8s.io/v1",
    time: formatTime(clock.now()),
    typeOf: () => codec.merge,
    filter: undefined,
    convert: async (value) => value,
    old: codec.conform({}).object,
    object: asked,
  });
  setManagedFields(asked, await entries);
}

async function accountOf({ target, kind: { row } }: ResourceRequest, { reader }: TokenRequestDeps) {
  const account = await reader.find<ServiceAccount>("serviceaccounts", target.namespace, target.name);
  if (account === undefined) throw notFound(row.groupResource, target.name);
  return account;
}

/** Says whom it is for and what it is good for. Throws 422 or 409. */
function complete(asked: Asked, account: DeepReadonly<ServiceAccount>, issuing: TokenIssuing, now: number): void {
  const { name = "", uid = "" } = account.metadata ?? {};
  const metadata = (asked.metadata ??= {});
  requireMeant(metadata, { name, uid });
  Object.assign(metadata, { name, uid, creationTimestamp: formatTime(now) });
  if ((asked.spec.audiences ?? []).length === 0) asked.spec.audiences = [...issuing.audiences];
  delete asked.status;
  const findings = validateTokenRequest(asked);
  if (findings.length > 0) throw invalid(kind, "", findings);
}

/** What the request itself says of the account must be so. */
function requireMeant(asked: ObjectMeta, { name, uid }: { readonly name: string; readonly uid: string }): void {
  if ((asked.name || name) !== name)
    throw invalid(kind, name, [bad("metadata.name", asked.name, "must match the service account name if specified")]);
  if ((asked.uid || uid) === uid) return;
  throw conflict(
    { group: kind.group, resource: kind.kind },
    name,
    `the UID in the token request (${asked.uid ?? ""}) does not match the UID of the service account (${uid})`,
  );
}

function shorten(spec: TokenRequestSpec, { maxLifetimeSeconds: most }: TokenIssuing, { warnings }: ResourceRequest) {
  const wanted = spec.expirationSeconds ?? 0;
  if (most === undefined || wanted <= most) return;
  warnings.add(`requested expiration of ${wanted} seconds shortened to ${most} seconds`);
  spec.expirationSeconds = most;
}

/** A pod's token for this very server, of the kind that old clients never read again. */
function isForOnce(
  { expirationSeconds, audiences = [] }: TokenRequestSpec,
  { extendLifetime, audiences: own }: TokenIssuing,
): boolean {
  return extendLifetime && expirationSeconds === projectedSeconds && audiences.every((one) => own.includes(one));
}
