import { headerValues } from "../../../api/header-values.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import type { ApiRequest } from "../../../api/wire.ts";
import { withHeaders } from "../../../api/with-headers.ts";
import { unescaped } from "../../../auth/authn/request-header.ts";

/** As whom a request is to act. */
export interface WantedUser {
  readonly name: string;
  /** "" when it was not asked for. */
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: ReadonlyMap<string, readonly string[]>;
}

const all = "impersonate-";
const extraPrefix = "impersonate-extra-";

/**
 * Undefined where nobody is asked for. Throws 400 for all but a name.
 * https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
 */
export function wantedUser(request: ApiRequest): WantedUser | undefined {
  const names = Object.keys(request.headers).filter((name) => name.startsWith(all));
  if (names.length === 0) return undefined;
  const [name = ""] = headerValues(request, "impersonate-user");
  const [uid = ""] = headerValues(request, "impersonate-uid");
  const groups = headerValues(request, "impersonate-group");
  const extra = extraOf(request, names);
  if (name !== "") return { name, uid, groups, extra };
  if (uid === "" && groups.length === 0 && extra.size === 0) return undefined;
  throw new ApiError(
    "BadRequest",
    `requested ${goUser({ name, uid, groups, extra })} without impersonating a user name`,
  );
}

/** Nobody else is to take the request for somebody's wish to be another. */
export function withoutWish(request: ApiRequest): ApiRequest {
  const left = Object.entries(request.headers).filter(([name]) => !name.startsWith(all));
  return withHeaders(request, Object.assign(Object.create(null), Object.fromEntries(left)));
}

function extraOf(request: ApiRequest, names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const extra = new Map<string, readonly string[]>();
  for (const header of names) {
    if (!header.startsWith(extraPrefix)) continue;
    const key = unescaped(header.slice(extraPrefix.length));
    extra.set(key, [...(extra.get(key) ?? []), ...headerValues(request, header)]);
  }
  return extra;
}

/** As Go prints a struct. */
function goUser({ name, uid, groups, extra }: WantedUser): string {
  const texts = (list: readonly string[]): string =>
    list.length === 0 ? "[]string(nil)" : `[]string{${list.map((one) => JSON.stringify(one)).join(", ")}}`;
  const entries = [...extra].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const extras = entries.map(([key, values]) => `${JSON.stringify(key)}:${texts(values)}`).join(", ");
  const map = extra.size === 0 ? "map[string][]string(nil)" : `map[string][]string{${extras}}`;
  return `&user.DefaultInfo{Name:${JSON.stringify(name)}, UID:${JSON.stringify(uid)}, Groups:${texts(groups)}, Extra:${map}}`;
}
