import { goKind } from "../../../api/machinery/json.ts";
import { getOwn, isObject } from "../../../api/machinery/members.ts";
import { AuthenticationConfigurationError } from "./authentication-configuration.ts";

/** Reads JSON field by field as a strict decoder of Go's: absent texts are "", absent lists empty, what is unknown is noted. */
export class Fields {
  readonly #json: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #unknown: Set<string>;

  private constructor(json: Readonly<Record<string, unknown>>, path: string, unknown: Set<string>) {
    this.#json = json;
    this.#path = path;
    this.#unknown = unknown;
    for (const name of Object.keys(json)) unknown.add(this.#at(name));
  }

  /** Throws AuthenticationConfigurationError for fields that `read` has not asked for, and those of another type. */
  static read<T>(json: Readonly<Record<string, unknown>>, read: (fields: Fields) => T): T {
    const unknown = new Set<string>();
    const value = read(new Fields(json, "", unknown));
    if (unknown.size === 0) return value;
    const said = [...unknown].map((path) => `unknown field ${JSON.stringify(path)}`);
    throw new AuthenticationConfigurationError(`strict decoding error: ${said.join(", ")}`);
  }

  text(name: string): string {
    return this.optionalText(name) ?? "";
  }

  optionalText(name: string): string | undefined {
    const value = this.#take(name);
    if (value === undefined || typeof value === "string") return value;
    throw this.#wrong(name, value, "string");
  }

  boolean(name: string): boolean {
    const value = this.#take(name) ?? false;
    if (typeof value === "boolean") return value;
    throw this.#wrong(name, value, "bool");
  }

  texts(name: string): readonly string[] {
    return this.#list(name).map((item) => {
      if (typeof item === "string") return item;
      throw this.#wrong(name, item, "string");
    });
  }

  structs<T>(name: string, read: (fields: Fields) => T): readonly T[] {
    return this.#list(name).map((item, index) => read(this.#below(`${name}[${index}]`, item ?? {})));
  }

  struct<T>(name: string, read: (fields: Fields) => T): T {
    return read(this.#below(name, this.#take(name) ?? {}));
  }

  optionalStruct<T>(name: string, read: (fields: Fields) => T): T | undefined {
    const value = this.#take(name);
    return value === undefined ? undefined : read(this.#below(name, value));
  }

  #list(name: string): readonly unknown[] {
    const value = this.#take(name) ?? [];
    if (Array.isArray(value)) return value;
    throw this.#wrong(name, value, "array");
  }

  #below(name: string, value: unknown): Fields {
    if (!isObject(value)) throw this.#wrong(name, value, "object");
    return new Fields(value, this.#at(name), this.#unknown);
  }

  /** Null is nothing. */
  #take(name: string): unknown {
    this.#unknown.delete(this.#at(name));
    return getOwn(this.#json, name) ?? undefined;
  }

  #at(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  #wrong(name: string, value: unknown, wanted: string): AuthenticationConfigurationError {
    const field = this.#at(name).replaceAll(/\[\d+\]/g, "");
    return new AuthenticationConfigurationError(
      `json: cannot unmarshal ${goKind(value)} into Go struct field AuthenticationConfiguration.${field} of type ${wanted}`,
    );
  }
}
