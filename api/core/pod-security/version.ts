/** Policy versions: `latest`, or the `v1.N` of a Kubernetes release whose rules are meant. */
export type PolicyVersion = "latest" | number;

export const wrongVersion = 'must be "latest" or "v1.x"';

/** Undefined for what is no version. */
export function parseVersion(text: string): PolicyVersion | undefined {
  if (text === "latest") return "latest";
  const minor = /^v1\.(0|[1-9][0-9]{0,9})$/.exec(text)?.[1];
  return minor === undefined ? undefined : Number(minor);
}

export function formatVersion(version: PolicyVersion): string {
  return version === "latest" ? version : `v1.${version}`;
}
