/** `U:name`, `G:name` or `SA:namespace/name` as the facts write subjects. */
export type Subject =
  | { readonly kind: "User" | "Group"; readonly name: string }
  | { readonly kind: "ServiceAccount"; readonly name: string; readonly namespace: string };

export function subjectOf(fact: string): Subject {
  const colon = fact.indexOf(":");
  const name = fact.slice(colon + 1);
  switch (fact.slice(0, colon)) {
    case "U":
      return { kind: "User", name };
    case "G":
      return { kind: "Group", name };
    default: {
      const [namespace = "", account = ""] = name.split("/");
      return { kind: "ServiceAccount", name: account, namespace };
    }
  }
}
