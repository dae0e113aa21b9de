import { dnsLabel, dnsSubdomain } from "../../../api/machinery/names.ts";

const nodePrefix = "system:node:";
const accountPrefix = "system:serviceaccount:";

/** The node whose kubelet has this user name. */
export function nodeOf(user: string): string | undefined {
  const name = user.startsWith(nodePrefix) ? user.slice(nodePrefix.length) : "";
  return name !== "" && dnsSubdomain(name).length === 0 ? name : undefined;
}

/** The service account that has this user name. */
export function accountOf(user: string): { readonly namespace: string; readonly name: string } | undefined {
  if (!user.startsWith(accountPrefix)) return undefined;
  const [namespace = "", name = "", ...more] = user.slice(accountPrefix.length).split(":");
  const isGood = more.length === 0 && dnsLabel(namespace).length === 0 && dnsSubdomain(name).length === 0;
  return isGood ? { namespace, name } : undefined;
}
