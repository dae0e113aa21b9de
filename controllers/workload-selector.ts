import { isEmptySelector, type LabelSelector, selectorOf } from "../api/machinery/label-selector.ts";
import { type Selector, SelectorError } from "../api/machinery/labels.ts";
import type { DeepReadonly, KubeObject } from "../api/machinery/object.ts";

interface Selecting extends KubeObject {
  spec?: { selector?: LabelSelector };
}

/**
 * Reads what owners select, once per revision of each. Undefined where it cannot be read, or would be everything: such
 * an owner must be left alone, for it would disown what it has, or take what it must not.
 */
export function selectorReader(): (owner: DeepReadonly<Selecting>) => Selector | undefined {
  const known = new WeakMap<object, { readonly selector: Selector | undefined }>();
  return (owner) => {
    let read = known.get(owner);
    if (read === undefined) known.set(owner, (read = { selector: readSelector(owner.spec?.selector) }));
    return read.selector;
  };
}

function readSelector(selector: DeepReadonly<LabelSelector> | undefined): Selector | undefined {
  if (selector === undefined || isEmptySelector(selector)) return undefined;
  try {
    return selectorOf(selector);
  } catch (thrown) {
    if (thrown instanceof SelectorError) return undefined;
    throw thrown;
  }
}
