/**
 * What an extension point answers about a pod, in the words of the scheduling framework.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/
 *
 * `undefined` is Success: nearly every answer is that, and it costs nothing. What upstream answers as Error is thrown.
 */
export interface Rejected {
  /**
   * - `Unschedulable`: not now; to evict pods may help.
   * - `UnschedulableAndUnresolvable`: not now, and no eviction would help.
   * - `Pending`: waits for something outside, which will bring an event (no back-off is due).
   */
  readonly code: "Unschedulable" | "UnschedulableAndUnresolvable" | "Pending";
  /** Of the plugin that rejects. */
  readonly plugin: string;
  /** Upstream's words, which events and conditions show. */
  readonly reasons: readonly string[];
}

/** The plugin has nothing to say of this pod: its later extension points are left out. */
export interface Skip {
  readonly code: "Skip";
}

/** Only of Permit: bind when all that wait have been allowed, at the latest after this time. */
export interface Wait {
  readonly code: "Wait";
  readonly plugin: string;
  readonly timeoutMilliseconds: number;
}

export const skip: Skip = { code: "Skip" };

export function unschedulable(plugin: string, ...reasons: readonly string[]): Rejected {
  return { code: "Unschedulable", plugin, reasons };
}

export function unresolvable(plugin: string, ...reasons: readonly string[]): Rejected {
  return { code: "UnschedulableAndUnresolvable", plugin, reasons };
}

export function pending(plugin: string, ...reasons: readonly string[]): Rejected {
  return { code: "Pending", plugin, reasons };
}

/** What a plugin could not do, which is nobody's lack of room: the pod is tried again later. */
export class PluginError extends Error {
  override readonly name = "PluginError";
  readonly plugin: string;

  constructor(plugin: string, extensionPoint: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`running ${extensionPoint} plugin "${plugin}": ${why}`, { cause });
    this.plugin = plugin;
  }
}

/** Runs one plugin at one extension point; what it throws is told with its name. */
export function asPlugin<T>(plugin: string, extensionPoint: string, run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    throw thrown instanceof PluginError ? thrown : new PluginError(plugin, extensionPoint, thrown);
  }
}
