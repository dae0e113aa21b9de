/**
 * References of images: `[domain/]path[:tag][@digest]`.
 * https://github.com/distribution/reference/blob/main/reference.go
 */
const domainPart = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const domain = `(?:${domainPart}(?:\\.${domainPart})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const pathPart = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const tag = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
const digest = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
const reference = new RegExp(`^(${domain}/${pathPart}(?:/${pathPart})*)(?::(${tag}))?(?:@(${digest}))?$`);
const longestName = 255;

/** The tag, `latest` when there is neither tag nor digest, "" for a digest alone and for what is no reference. */
export function imageTag(image: string): string {
  if (image.length > 1000 || /^[a-f0-9]{64}$/.test(image)) return "";
  const parts = reference.exec(withDomain(image));
  if (parts === null) return "";
  const [, name = "", found = "", pinned = ""] = parts;
  if (name.length > longestName) return "";
  return found === "" && pinned === "" ? "latest" : found;
}

/** A first part without dot, port or capital is a folder of Docker Hub, not a domain. */
function withDomain(image: string): string {
  const slash = image.indexOf("/");
  const first = image.slice(0, Math.max(slash, 0));
  if (slash === -1) return `docker.io/library/${image}`;
  const isDomain = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  return isDomain ? image : `docker.io/${image}`;
}

/** https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting */
export function defaultPullPolicy(image: string): "Always" | "IfNotPresent" {
  return imageTag(image) === "latest" ? "Always" : "IfNotPresent";
}
