/**
 * What happened while pods were on their way through a cycle: a pod that then turns out not to fit decided by an older
 * state, so it looks at all of it before it goes to wait for events.
 */
import type { ClusterEvent } from "../framework/events.ts";

export type Happened =
  | { readonly is: "event"; readonly event: ClusterEvent }
  /** The pod itself was asked to be tried again. */
  | { readonly is: "activation"; readonly uid: string }
  /** More than is kept. */
  | { readonly is: "much" };

/** Beyond, it is only known that much happened. */
const most = 10_000;

export interface InFlightLog {
  readonly size: number;
  begin(uid: string): void;
  has(uid: string): boolean;
  /** Kept only if a pod is in flight. */
  note(happened: Happened): void;
  /** What happened since its beginning. */
  since(uid: string): readonly Happened[];
  end(uid: string): void;
}

export function createInFlightLog(): InFlightLog {
  /** By pod, in order of beginning: the number of the first thing that happened after it. */
  const begun = new Map<string, number>();
  let log: Happened[] = [];
  /** The number of the first in the log. */
  let first = 0;
  return {
    get size() {
      return begun.size;
    },
    begin(uid) {
      begun.delete(uid);
      begun.set(uid, first + log.length);
    },
    has: (uid) => begun.has(uid),
    note(happened) {
      if (begun.size === 0) return;
      if (log.length < most) log.push(happened);
      else log[most - 1] = { is: "much" };
    },
    since(uid) {
      const from = begun.get(uid);
      if (from === undefined) return [];
      // One that began when the log was full still learns that there was more.
      return log.slice(Math.max(Math.min(from - first, log.length === most ? most - 1 : log.length), 0));
    },
    end(uid) {
      if (!begun.delete(uid)) return;
      const [oldest = first + log.length] = begun.values();
      if (oldest === first) return;
      log = log.slice(oldest - first);
      first = oldest;
    },
  };
}
