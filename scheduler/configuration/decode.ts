import { isObject } from "../../api/machinery/members.ts";
import type { Json } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { createConformer } from "../../api/schema/conform.ts";
import { inspect } from "../../api/schema/inspect.ts";
import type { StructType } from "../../api/schema/schema.ts";
import { ConfigurationError } from "./configuration-error.ts";
import { type ConfigurationSchemas, configurationSchemas, groupVersion } from "./schema.ts";
import type { WrittenConfiguration } from "./written.ts";

const kind = "KubeSchedulerConfiguration";

/** YAML or JSON bytes → what they say. Unknown and repeated fields are refused. Throws ConfigurationError. */
export async function decodeConfiguration(bytes: Uint8Array): Promise<WrittenConfiguration> {
  // Large, and needed by those alone who have a file.
  const { parseYaml } = await import("../../api/machinery/yaml.ts");
  const { value, duplicates } = asConfigurationError(() => parseYaml(bytes));
  checkKind(value);
  const strict = duplicates.map((text) => text.replace(/^yaml: unmarshal errors:\n\s*/, ""));
  return conformed(value, configurationSchemas(), strict);
}

function checkKind(value: Json): void {
  const { apiVersion, kind: given } = isObject(value) ? value : {};
  if (typeof given !== "string" || given === "")
    throw new ConfigurationError("Object 'Kind' is missing in the configuration");
  if (typeof apiVersion !== "string" || apiVersion === "")
    throw new ConfigurationError("Object 'apiVersion' is missing in the configuration");
  if (apiVersion !== groupVersion)
    throw new ConfigurationError(
      `no kind ${JSON.stringify(given)} is registered for version ${JSON.stringify(apiVersion)}: use apiVersion ${groupVersion}`,
    );
  if (given !== kind) throw new ConfigurationError(`couldn't decode as ${kind}, got ${apiVersion}, Kind=${given}`);
}

function conformed(value: Json, schemas: ConfigurationSchemas, strict: readonly string[]): WrittenConfiguration {
  const found = checked(value, schemas.configuration, strict);
  // As its schema says.
  const written = found as WrittenConfiguration;
  const profiles = written.profiles?.map((profile, at) => ({
    ...profile,
    ...(profile.pluginConfig === undefined
      ? {}
      : {
          pluginConfig: profile.pluginConfig.map((config, index) => {
            const type = schemas.argsOf(config.name);
            if (type === undefined || config.args === undefined) return config;
            return { ...config, args: decodeArgs(config.name, config.args, { type, at: [at, index] }) };
          }),
        }),
  }));
  return profiles === undefined ? written : { ...written, profiles };
}

interface ArgsPlace {
  readonly type: StructType;
  /** Of the profile, and in its pluginConfig. */
  readonly at: readonly [number, number];
}

function decodeArgs(plugin: string, args: Json, { type, at: [profile, index] }: ArgsPlace): Json {
  const place = `decoding .profiles[${profile}].pluginConfig[${index}]: `;
  const wanted = `${plugin}Args`;
  const { kind: given = wanted } = isObject(args) ? args : {};
  if (given !== wanted)
    throw new ConfigurationError(
      `${place}args for plugin ${plugin} were not of type ${wanted}.kubescheduler.config.k8s.io, got ${JSON.stringify(given).replaceAll('"', "")}.kubescheduler.config.k8s.io`,
    );
  try {
    return checked(args, type, []);
  } catch (thrown) {
    if (!(thrown instanceof ConfigurationError)) throw thrown;
    throw new ConfigurationError(`${place}decoding args for plugin ${plugin}: ${thrown.message}`, { cause: thrown });
  }
}

function checked(value: Json, type: StructType, duplicates: readonly string[]): Json {
  const { complaint, unknown } = inspect(value, type);
  if (complaint !== undefined) throw new ConfigurationError(complaint);
  const strict = [...duplicates, ...unknown.map((path) => `unknown field ${JSON.stringify(path)}`)];
  if (strict.length > 0) throw new ConfigurationError(`strict decoding error: ${strict.join(", ")}`);
  return asConfigurationError(() => createConformer().conform(value, type).object);
}

function asConfigurationError<T>(run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof ApiError) throw new ConfigurationError(thrown.message, { cause: thrown });
    throw thrown;
  }
}
