import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import type { UserInfo } from "../../api/wire.ts";
import type { Kind } from "../encoding/kind.ts";

/** One write, as admission sees it. */
export interface AdmissionRequest {
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** In the hub version; absent on DELETE. `mutate` may change it. */
  readonly object: KubeObject | undefined;
  readonly old: DeepReadonly<KubeObject> | undefined;
}

/** Refuses by throwing ApiError. */
export interface AdmissionPlugin {
  readonly name: string;
  /** Before the object is prepared and validated. What was changed is defaulted again. */
  mutate?(request: AdmissionRequest): Promise<"changed" | "unchanged"> | "changed" | "unchanged";
  validate?(request: AdmissionRequest): Promise<void> | void;
}

/** The chain, in upstream's order. */
export type AdmissionChain = readonly AdmissionPlugin[];
