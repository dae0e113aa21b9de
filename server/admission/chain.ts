import type { AdmissionChain, AdmissionRequest, AdmissionRound } from "./plugin.ts";

/**
 * Lets the plugins change the object, in their order, and once more from the start when one of them asks for it.
 * What was changed is defaulted before the next one looks at it.
 */
export async function admitMutating(chain: AdmissionChain, request: AdmissionRequest): Promise<void> {
  const memory = new Map<object, unknown>();
  if (await walk(chain, request, { again: false, memory })) await walk(chain, request, { again: true, memory });
}

/** Whether another round was asked for. */
async function walk(
  chain: AdmissionChain,
  request: AdmissionRequest,
  { again, memory }: Pick<AdmissionRound, "again" | "memory">,
): Promise<boolean> {
  let isRepeated = false;
  const round: AdmissionRound = { again, memory, repeat: () => (isRepeated = true) };
  for (const plugin of chain) {
    if (plugin.mutate === undefined) continue;
    const asked = plugin.mutate(request, round);
    const done = asked instanceof Promise ? await asked : asked;
    if (done === "changed" && isOwn(request)) request.version.default(request.object);
  }
  return isRepeated;
}

/** Any plugin may refuse; none changes anything. */
export async function admitValidating(chain: AdmissionChain, request: AdmissionRequest): Promise<void> {
  for (const plugin of chain) {
    const asked = plugin.validate?.(request);
    if (asked instanceof Promise) await asked;
  }
}

/** Bindings, evictions and scales are written through their parent: its defaults are not theirs. */
function isOwn(
  request: AdmissionRequest,
): request is AdmissionRequest & { readonly object: NonNullable<AdmissionRequest["object"]> } {
  const { object, kind, version } = request;
  return object !== undefined && object.kind === kind.row.kind && object.apiVersion === version.apiVersion;
}
