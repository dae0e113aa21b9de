import type { Labels } from "../../api/machinery/labels.ts";

/** Labels that have got another name since; the older one says what the newer one says. */
const names = [
  { stable: "kubernetes.io/os", beta: "beta.kubernetes.io/os" },
  { stable: "kubernetes.io/arch", beta: "beta.kubernetes.io/arch" },
] as const;

/** The labels that a node lacks, or that say something else; undefined for none. */
export function planLabels(labels: Labels = {}): Labels | undefined {
  const missing = names.filter(({ stable, beta }) => labels[stable] !== undefined && labels[beta] !== labels[stable]);
  if (missing.length === 0) return undefined;
  return Object.fromEntries(missing.map(({ stable, beta }) => [beta, labels[stable] ?? ""]));
}
