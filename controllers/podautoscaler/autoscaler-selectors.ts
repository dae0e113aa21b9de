import { parseLabelSelector } from "../../api/machinery/label-query.ts";
import { matches, type Selector } from "../../api/machinery/labels.ts";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { splitKey } from "../../client/lister.ts";

/** Why an autoscaler's target cannot be told from others. */
export class SelectorRefusal extends Error {
  override readonly name = "SelectorRefusal";
  /** Of the event. */
  readonly event: "SelectorRequired" | "InvalidSelector" | "AmbiguousSelector";
  /** Of the condition. */
  readonly finding: { readonly reason: string; readonly message: string };

  constructor(event: SelectorRefusal["event"], message: string, finding: SelectorRefusal["finding"]) {
    super(message);
    this.event = event;
    this.finding = finding;
  }
}

export interface AutoscalerSelectors {
  /** The pods that an autoscaler's target has, by the selector of its scale. Throws a SelectorRefusal. */
  select(key: string, text: string, podsOf: (selector: Selector) => readonly DeepReadonly<Pod>[]): Selected;
  forget(key: string): void;
}

export interface Selected {
  readonly selector: Selector;
  readonly pods: readonly DeepReadonly<Pod>[];
}

/** Remembers which pods each autoscaler selects: two must not pull at the same ones. */
export function createAutoscalerSelectors(): AutoscalerSelectors {
  const known = new Map<string, Map<string, Selector>>();
  return {
    select(key, text, podsOf) {
      const selector = read(text);
      const { namespace, name } = splitKey(key);
      const here = known.get(namespace) ?? new Map<string, Selector>();
      known.set(namespace, here.set(name, selector));
      const pods = podsOf(selector);
      const selecting = [...here].filter(([, one]) =>
        pods.some(({ metadata }) => matches(one, metadata?.labels ?? {})),
      );
      if (selecting.length <= 1) return { selector, pods };
      const names = selecting.map(([one]) => `${namespace}/${one}`).toSorted();
      const message = `pods by selector ${text} are controlled by multiple HPAs: [${names.join(" ")}]`;
      throw new SelectorRefusal("AmbiguousSelector", message, { reason: "AmbiguousSelector", message });
    },
    forget(key) {
      const { namespace, name } = splitKey(key);
      const here = known.get(namespace);
      here?.delete(name);
      if (here?.size === 0) known.delete(namespace);
    },
  };
}

function read(text: string): Selector {
  if (text === "") {
    const finding = { reason: "InvalidSelector", message: "the HPA target's scale is missing a selector" };
    throw new SelectorRefusal("SelectorRequired", "selector is required", finding);
  }
  try {
    return parseLabelSelector(text);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    const message = `couldn't convert selector into a corresponding internal selector object: ${why}`;
    throw new SelectorRefusal("InvalidSelector", message, { reason: "InvalidSelector", message });
  }
}
