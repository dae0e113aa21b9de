import { describe } from "../pipeline/describe.ts";
import type { Identified } from "../pipeline/stages.ts";

interface From {
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly signal?: AbortSignal;
}

/** A request as flow control meets it. */
export function requestOf(method: string, url: string, from: From = {}): Identified {
  const { user = "ann", groups = ["people", "system:authenticated"], signal = new AbortController().signal } = from;
  const described = describe({ method, url, headers: {}, signal, peer: { address: "" } }, "id");
  return { ...described, user: { name: user, groups } };
}
