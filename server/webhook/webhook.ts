import type { JsonObject } from "../../api/machinery/object.ts";
import type { Credential } from "../../certs/credential.ts";

/** Where a webhook is: by URL, or a Service that is dialled at one of its ready endpoints. */
export interface WebhookTarget {
  readonly url?: string;
  readonly service?: {
    readonly namespace: string;
    readonly name: string;
    readonly path?: string;
    /** 443 when absent. */
    readonly port?: number;
  };
  /** base64 of PEM; the system's roots when absent. */
  readonly caBundle?: string;
  /** The name that its certificate must be for, where it is not the one that is dialled. */
  readonly serverName?: string | undefined;
  /** Takes any certificate. */
  readonly insecure?: boolean | undefined;
  /** Who we are to it. */
  readonly client?: Credential | undefined;
  /** The Authorization header, asked for each call. */
  readonly authorization?: (() => Promise<string> | string) | undefined;
}

export interface WebhookCall {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Added to the target's query, such as `timeout=10s`. */
  readonly query?: Readonly<Record<string, string>>;
}

/** Posts a review and answers the parsed body of a 200. Throws WebhookError: unreachable, refused, timed out, too long, not JSON, redirected. */
export type CallWebhook = (target: WebhookTarget, review: JsonObject, call: WebhookCall) => Promise<JsonObject>;

export class WebhookError extends Error {
  override readonly name = "WebhookError";
  /** The call ran out of its time. */
  readonly timedOut: boolean;
  /** The next call may fare better: the connection was cut, or the webhook said that it is overloaded or broken. */
  readonly isTransient: boolean;

  constructor(
    message: string,
    options: { readonly cause?: unknown; readonly timedOut?: boolean; readonly isTransient?: boolean } = {},
  ) {
    super(message, { cause: options.cause });
    this.timedOut = options.timedOut ?? false;
    this.isTransient = options.isTransient ?? false;
  }
}
