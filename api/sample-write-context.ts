import type { WriteContext } from "./resource.ts";

/** For tests of rows: a write by an ordinary user at a fixed time. */
export function sampleWriteContext(differently: Partial<WriteContext> = {}): WriteContext {
  return {
    namespace: "default",
    now: Date.UTC(2026, 0, 2, 3, 4, 5),
    uuid: () => "00000000-0000-4000-8000-000000000000",
    user: { name: "ann", groups: ["system:authenticated"] },
    subresource: "",
    ...differently,
  };
}
