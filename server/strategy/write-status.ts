import { deepClone } from "../../api/machinery/clone.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import type { ObjectWriter } from "../admission/object-reader.ts";
import type { Kind } from "../encoding/kind.ts";
import type { Objects } from "./objects.ts";
import { internalWrite } from "./write-request.ts";

/** Status that the server itself keeps. `kindOf` takes `resourcequotas` or `flowschemas.flowcontrol.apiserver.k8s.io`. */
export function createObjectWriter(deps: {
  readonly objects: Objects;
  readonly kindOf: (resource: string) => Kind | undefined;
}): ObjectWriter {
  return {
    async updateStatus<T extends KubeObject>(
      resource: string,
      namespace: string,
      name: string,
      change: (current: DeepReadonly<T>) => T | undefined,
    ) {
      const kind = deps.kindOf(resource);
      if (kind === undefined) throw new Error(`${resource} is not served`);
      const write = { ...internalWrite(kind, { namespace, name, subresource: "status" }), direct: true };
      // An update that changes nothing writes nothing.
      await deps.objects.update(
        write,
        (current) => change(current as DeepReadonly<T>) ?? deepClone<KubeObject>(current ?? {}),
      );
    },
  };
}
