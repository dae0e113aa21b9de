import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { getOwn, isObject } from "../../api/machinery/members.ts";
import { ApiError } from "../../api/machinery/status.ts";

/** Where the webhook is, and who we are to it. */
export interface WebhookServer {
  /** http or https, with a path. */
  readonly url: URL;
  readonly caPem?: string;
  readonly serverName?: string;
  readonly insecure?: boolean;
  readonly client?: { readonly certPem: string; readonly keyPem: string };
  /** The Authorization header, whole; asked for each request. */
  readonly authorization?: () => Promise<string> | string;
}

/** What is wrong with the file, in one line. */
export class WebhookConfigError extends Error {
  override readonly name = "WebhookConfigError";
}

type Fields = Readonly<Record<string, unknown>>;

/** From a file in the form of a kubeconfig. Throws WebhookConfigError, and Node's errors where it cannot be read. */
export async function readWebhookConfig(path: string): Promise<WebhookServer> {
  const config = await parsed(path);
  const context = named(config, "contexts", "context", text(config, "current-context") ?? "");
  const cluster = named(config, "clusters", "cluster", text(context, "cluster") ?? "");
  const userName = text(context, "user") ?? "";
  const user = userName === "" ? {} : named(config, "users", "user", userName);
  const folder = dirname(path);
  const caPem = await pem(cluster, "certificate-authority", folder);
  const serverName = text(cluster, "tls-server-name");
  return {
    url: urlOf(text(cluster, "server") ?? ""),
    insecure: cluster["insecure-skip-tls-verify"] === true,
    ...(caPem === undefined ? {} : { caPem }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(await credentialsOf(userName, user, folder)),
  };
}

export type WebhookCredentials = Pick<WebhookServer, "client" | "authorization">;

export interface WebhookUsers {
  /** By name. */
  readonly users: ReadonlyMap<string, WebhookCredentials>;
  /** The current context's. */
  readonly current: WebhookCredentials | undefined;
}

/** All users of a file in the form of a kubeconfig, whose names may say to whom they are shown. Throws as `readWebhookConfig`. */
export async function readWebhookUsers(path: string): Promise<WebhookUsers> {
  const config = await parsed(path);
  const users = new Map<string, WebhookCredentials>();
  const entries: readonly unknown[] = Array.isArray(config["users"]) ? config["users"] : [];
  for (const entry of entries) {
    const name = isObject(entry) ? text(entry, "name") : undefined;
    if (name !== undefined)
      users.set(name, await credentialsOf(name, named(config, "users", "user", name), dirname(path)));
  }
  const context = text(config, "current-context");
  const current = context === undefined ? undefined : text(named(config, "contexts", "context", context), "user");
  return { users, current: current === undefined ? undefined : users.get(current) };
}

async function credentialsOf(name: string, user: Fields, folder: string): Promise<WebhookCredentials> {
  for (const plugin of ["exec", "auth-provider"])
    if (user[plugin] !== undefined) throw new WebhookConfigError(`user ${name}: ${plugin} is not supported`);
  const certPem = await pem(user, "client-certificate", folder);
  const keyPem = await pem(user, "client-key", folder);
  const authorization = authorizationOf(user, folder);
  return {
    ...(certPem === undefined || keyPem === undefined ? {} : { client: { certPem, keyPem } }),
    ...(authorization === undefined ? {} : { authorization }),
  };
}

async function parsed(path: string): Promise<Fields> {
  const bytes = await readFile(path);
  // The library is loaded when somebody has a file.
  const { parseYaml } = await import("../../api/machinery/yaml.ts");
  try {
    const { value } = parseYaml(bytes);
    if (isObject(value)) return value;
  } catch (thrown) {
    // What the file holds is not shown: there may be a token in it.
    if (thrown instanceof ApiError) throw new WebhookConfigError("it is no YAML", { cause: thrown });
    throw thrown;
  }
  throw new WebhookConfigError("it is no kubeconfig");
}

/** `list: [{ name, [content]: {…} }]` */
function named(config: Fields, list: string, content: string, name: string): Fields {
  const entries = config[list];
  const found = (Array.isArray(entries) ? entries : []).find((entry) => isObject(entry) && entry["name"] === name);
  const fields: unknown = isObject(found) ? getOwn(found, content) : undefined;
  if (!isObject(fields)) throw new WebhookConfigError(`there is no ${content} ${JSON.stringify(name)}`);
  return fields;
}

function text(fields: Fields, name: string): string | undefined {
  const value = getOwn(fields, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Embedded, or in a file beside this one. */
async function pem(fields: Fields, name: string, folder: string): Promise<string | undefined> {
  const data = text(fields, `${name}-data`);
  if (data !== undefined) return Buffer.from(data, "base64").toString();
  const file = text(fields, name);
  return file === undefined ? undefined : readFile(resolve(folder, file), "utf8");
}

function authorizationOf(user: Fields, folder: string): WebhookServer["authorization"] {
  const file = text(user, "tokenFile");
  // It may be renewed at any time, and a batch is sent seldom.
  if (file !== undefined) return async () => `Bearer ${(await readFile(resolve(folder, file), "utf8")).trim()}`;
  const token = text(user, "token");
  if (token !== undefined) return () => `Bearer ${token}`;
  const name = text(user, "username");
  const basic = `${name ?? ""}:${text(user, "password") ?? ""}`;
  return name === undefined ? undefined : () => `Basic ${Buffer.from(basic).toString("base64")}`;
}

function urlOf(server: string): URL {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:")
    throw new WebhookConfigError(`server: ${JSON.stringify(server)} is no http:// or https:// URL`);
  return url;
}
