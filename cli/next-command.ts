import { shownPath } from "./data-folder.ts";

/** A command to type next, as a shell takes it. */
export function kubectlWith(kubeconfig: string): string {
  const shown = shownPath(kubeconfig);
  const path = /^[\w./~:@%+,-]+$/.test(shown) ? shown : `'${kubeconfig.replaceAll("'", `'\\''`)}'`;
  return `kubectl --kubeconfig ${path} get namespaces`;
}
