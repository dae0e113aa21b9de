import type { Transport, UserInfo } from "../api/wire.ts";
import type { Activity } from "../base/activity.ts";
import type { Turns } from "../base/turns.ts";

export interface InProcessParts {
  readonly as: (user: UserInfo) => Transport;
  readonly activity: Activity;
  readonly turns: Turns;
}

/** How the components of this process reach the server: each as its own user, in turns with those who come by sockets. */
export function inProcess({ as, activity, turns }: InProcessParts): (user: UserInfo) => Transport {
  return (user) => counted(as(user), { activity, turn: () => turns.next(user.name) });
}

/** Requests that are under way keep a cluster from being settled; a watch is under way only until it is answered. */
export function counted(
  transport: Transport,
  parts: { readonly activity: Activity; readonly turn?: () => Promise<void> | undefined },
): Transport {
  const { activity, turn: next } = parts;
  return async (request) => {
    const end = activity.begin();
    try {
      const turn = next?.();
      if (turn !== undefined) await turn;
      return await transport(request);
    } finally {
      end();
    }
  };
}
