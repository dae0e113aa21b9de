import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { getOwn, isObject } from "../api/machinery/members.ts";
import { parseYaml } from "../api/machinery/yaml.ts";
import { type Clock, realClock } from "../base/clock.ts";
import { createHttpsTransport, type HttpsTransport } from "./https/https-transport.ts";
import type { ClientCertificate, HttpsTransportOptions, Provided } from "./https/options.ts";
import { tokenFile } from "./token-file.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface KubeconfigOptions extends Pick<HttpsTransportOptions, "limits" | "timers"> {
  /** The `current-context` when absent. */
  readonly context?: string;
  /** What paths in it are relative to. */
  readonly folder?: string;
}

/** By a kubeconfig file, YAML or JSON. Every problem with it is an Error that says which field it is. */
export async function transportOfKubeconfigFile(
  path: string,
  options: KubeconfigOptions = {},
): Promise<HttpsTransport> {
  const { value } = parseYaml(await readFile(path));
  if (!isObject(value)) throw new Error(`${path} is no kubeconfig`);
  try {
    return await transportOfKubeconfig(value, { folder: dirname(path), ...options });
  } catch (thrown) {
    if (thrown instanceof Error) throw new Error(`${path}: ${thrown.message}`, { cause: thrown });
    throw thrown;
  }
}

/** https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/ */
export async function transportOfKubeconfig(
  kubeconfig: object,
  options: KubeconfigOptions = {},
): Promise<HttpsTransport> {
  const { folder = ".", timers = realClock, limits } = options;
  const fields = kubeconfig as Fields;
  const name = options.context ?? text(fields, "current-context");
  if (name === undefined) throw new Error("it has no current-context, and none was asked for");
  const context = named(fields, "contexts", "context", name);
  const cluster = named(fields, "clusters", "cluster", required(context, "cluster", `context ${name}`));
  const user = text(context, "user");
  const source: Source = { folder, timers };
  return createHttpsTransport({
    ...(await serverOf(cluster, source)),
    ...(user === undefined ? {} : await credentialsOf(named(fields, "users", "user", user), user, source)),
    timers,
    ...(limits === undefined ? {} : { limits }),
  });
}

interface Source {
  readonly folder: string;
  readonly timers: Clock;
}

type ServerOptions = Pick<HttpsTransportOptions, "server" | "caPem" | "serverName" | "insecure">;

async function serverOf(cluster: Fields, source: Source): Promise<ServerOptions> {
  if (text(cluster, "proxy-url") !== undefined) throw new Error("proxy-url is not supported");
  const insecure = cluster["insecure-skip-tls-verify"] === true;
  const caPem = await pem(cluster, "certificate-authority", source);
  if (insecure && caPem !== undefined)
    throw new Error("certificate-authority and insecure-skip-tls-verify exclude each other");
  const serverName = text(cluster, "tls-server-name");
  return {
    server: required(cluster, "server", "the cluster"),
    insecure,
    ...(caPem === undefined ? {} : { caPem }),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

type CredentialOptions = Pick<HttpsTransportOptions, "authorization" | "clientCertificate" | "headers">;

async function credentialsOf(user: Fields, name: string, source: Source): Promise<CredentialOptions> {
  for (const plugin of ["exec", "auth-provider"])
    if (user[plugin] !== undefined && user[plugin] !== null)
      throw new Error(
        `user ${name} gets its credentials by ${plugin}, which is not supported: give it a token or a client certificate`,
      );
  const certPem = await pem(user, "client-certificate", source);
  const keyPem = await pem(user, "client-key", source);
  if ((certPem === undefined) !== (keyPem === undefined))
    throw new Error(`user ${name} must have client-certificate and client-key both, or none`);
  const authorization = authorizationOf(user, source);
  const clientCertificate: ClientCertificate | undefined =
    certPem === undefined || keyPem === undefined ? undefined : { certPem, keyPem };
  return {
    headers: impersonation(user),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
    ...(authorization === undefined ? {} : { authorization }),
  };
}

/** A file wins over a token that is written down: it is the one that is renewed. */
function authorizationOf(user: Fields, { folder, timers }: Source): Provided<string> | undefined {
  const file = text(user, "tokenFile");
  if (file !== undefined) {
    const read = tokenFile(resolve(folder, file), timers);
    return async () => `Bearer ${await read()}`;
  }
  const token = text(user, "token");
  if (token !== undefined) return `Bearer ${token}`;
  const username = text(user, "username");
  if (username === undefined) return undefined;
  return `Basic ${Buffer.from(`${username}:${text(user, "password") ?? ""}`).toString("base64")}`;
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
function impersonation(user: Fields): Readonly<Record<string, string | string[]>> {
  const as = text(user, "as");
  const uid = text(user, "as-uid");
  const groups = texts(user["as-groups"]);
  const extra = isObject(user["as-user-extra"]) ? user["as-user-extra"] : {};
  return {
    ...(as === undefined ? {} : { "impersonate-user": as }),
    ...(uid === undefined ? {} : { "impersonate-uid": uid }),
    ...(groups.length === 0 ? {} : { "impersonate-group": groups }),
    ...Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [
        `impersonate-extra-${encodeURIComponent(key).toLowerCase()}`,
        texts(values),
      ]),
    ),
  };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

/** What is written down (`field-data`, base64), else what the file has. */
async function pem(fields: Fields, field: string, { folder }: Source): Promise<string | undefined> {
  const data = text(fields, `${field}-data`);
  if (data !== undefined) return Buffer.from(data, "base64").toString();
  const file = text(fields, field);
  return file === undefined ? undefined : readFile(resolve(folder, file), "utf8");
}

/** The entry of a list of `{ name, [member] }`. */
function named(fields: Fields, list: string, member: string, name: string): Fields {
  const entries: readonly unknown[] = Array.isArray(fields[list]) ? fields[list] : [];
  const entry = entries.find((candidate) => isObject(candidate) && candidate["name"] === name);
  const value = isObject(entry) ? getOwn(entry, member) : undefined;
  if (!isObject(value)) throw new Error(`there is no ${member} ${name} in its ${list}`);
  return value;
}

function required(fields: Fields, field: string, of: string): string {
  const value = text(fields, field);
  if (value === undefined) throw new Error(`${of} has no ${field}`);
  return value;
}

function text(fields: Fields, field: string): string | undefined {
  const value = getOwn(fields, field);
  return typeof value === "string" && value !== "" ? value : undefined;
}
