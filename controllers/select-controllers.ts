import type { Controller } from "./controller.ts";

export class UnknownControllerError extends Error {}

/**
 * Upstream's `--controllers`: `*` is all of them, `name` switches one on, `-name` off; whoever is named decides, whatever
 * `*` says. Throws an UnknownControllerError.
 * https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
 */
export function selectControllers(
  controllers: readonly Controller[],
  selection: readonly string[],
): readonly Controller[] {
  const known = new Set(controllers.map(({ name }) => name));
  for (const word of selection) {
    const name = word.replace(/^-/, "");
    if (word !== "*" && !known.has(name))
      throw new UnknownControllerError(`"${name}" is not in the list of known controllers`);
  }
  const isOn = selection.includes("*");
  return controllers.filter(({ name }) => selection.includes(name) || (isOn && !selection.includes(`-${name}`)));
}
