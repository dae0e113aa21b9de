import type { WebhookUsers, WebhookCredentials } from "./webhook-config.ts";
import { joinHostPort } from "./network-error.ts";
import type { CallWebhook } from "./webhook.ts";
import { webhookUrl } from "./webhook-url.ts";

/** Calls webhooks as the user that a kubeconfig has for their host. */
export function withCredentials(call: CallWebhook, users: WebhookUsers): CallWebhook {
  return (target, review, options) => {
    const { host, port } = webhookUrl(target);
    return call({ ...target, ...credentialsFor(host, port, users) }, review, options);
  };
}

/**
 * By the name `host:port`, or `*.` and what follows a dot in it; for port 443 without the port, too; then `*`, and then
 * the current context's.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#authenticate-apiservers
 */
export function credentialsFor(
  host: string,
  port: number,
  { users, current }: WebhookUsers,
): WebhookCredentials | undefined {
  const names = port === 443 ? [joinHostPort(host, port), host] : [joinHostPort(host, port)];
  for (const name of names) {
    const steps = name.split(".");
    const wider = steps.slice(1).map((_, index) => `*.${steps.slice(index + 1).join(".")}`);
    for (const one of [name, ...wider]) {
      const found = users.get(one);
      if (found !== undefined) return found;
    }
  }
  return users.get("*") ?? current;
}
