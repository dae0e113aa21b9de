/** Path below the server's root: `/api/v1`, `/apis/apps/v1`. */
export function groupVersionPath(group: string, version: string): string {
  return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** `rbac.authorization.k8s.io` → `rbacAuthorization`, the core group → `core`. Custom groups keep their whole name. */
export function groupName(group: string): string {
  if (group === "") return "core";
  const [first = "", ...rest] = group.replace(/\.k8s\.io$/, "").split(".");
  return first + rest.map(capital).join("");
}

/** Operations are tagged by group-version: `apps_v1`. */
export function tagOf(group: string, version: string): string {
  return `${groupName(group)}_${version}`;
}

/** The middle of operation ids: `AppsV1`. */
export function identifierOf(group: string, version: string): string {
  return capital(groupName(group)) + capital(version);
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `a Pod`, `an Event`, and a plural as it is: `Endpoints`. */
export function withArticle(kind: string): string {
  if (kind.endsWith("s") && !kind.endsWith("ss")) return kind;
  return `${/^[aeiou]/i.test(kind) ? "an" : "a"} ${kind}`;
}

/** The v3 document that describes a path: `/apis/apps/v1/…` → `apis/apps/v1`, `/version/` → `version`. */
export function documentOf(path: string): string {
  const parts = path.split("/").filter((part) => part !== "");
  const depth = parts[0] === "api" ? 2 : parts[0] === "apis" ? 3 : parts[0] === "logs" ? 1 : parts.length;
  return parts.slice(0, depth).join("/");
}
