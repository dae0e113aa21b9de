import type { X509Certificate } from "node:crypto";

/** The part of a subject that Kubernetes reads: CN is the user, each O a group. */
export interface DistinguishedName {
  readonly commonName: string;
  readonly organizations: readonly string[];
}

/**
 * Taken from Node's legacy form: its values are unescaped, while `certificate.subject` is one text in which
 * an attribute's value would have to be told from the next attribute.
 */
export function subjectOf(certificate: X509Certificate): DistinguishedName {
  const subject: Readonly<Record<string, unknown>> = { ...certificate.toLegacyObject().subject };
  return { commonName: texts(subject["CN"]).at(-1) ?? "", organizations: texts(subject["O"]) };
}

function texts(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((item) => typeof item === "string");
}
