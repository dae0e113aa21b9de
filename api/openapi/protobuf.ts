import type { OpenApiSchema } from "./document.ts";
import { Message } from "./message.ts";
import type { OpenApiV2, V2Operation, V2Parameter, V2PathItem, V2Reference } from "./v2.ts";

/**
 * The v2 document as `application/com.github.proto-openapi.spec.v2@v1.0+protobuf`, the only form kubectl asks for:
 * message `openapi.v2.Document` of gnostic's OpenAPIv2.proto. Numbers below are that file's.
 *
 * Bytes of two documents one after the other are their union, as always in protobuf: a server may append what it
 * encodes of custom resources to the bytes of the built-in ones.
 */
export function encodeDocument(document: Partial<OpenApiV2>): Uint8Array {
  const message = new Message().text(1, document.swagger);
  if (document.info) message.message(2, new Message().text(1, document.info.title).text(2, document.info.version));
  const paths = new Message();
  for (const [path, item] of Object.entries(document.paths ?? {})) paths.message(2, named(path, pathItem(item)));
  const definitions = new Message();
  for (const [name, schema] of Object.entries(document.definitions ?? {}))
    definitions.message(1, named(name, schemaOf(schema)));
  const parameters = new Message();
  for (const [name, parameter] of Object.entries(document.parameters ?? {}))
    parameters.message(1, named(name, parameterOf(parameter)));
  message.message(8, paths).message(9, definitions).message(10, parameters);
  for (const requirement of document.security ?? []) message.message(12, securityOf(requirement));
  if (document.securityDefinitions) message.message(13, securityDefinitions(document.securityDefinitions));
  return message.bytes();
}

/** Maps are lists of (name, value). */
function named(name: string, value: Message): Message {
  return new Message().text(1, name).message(2, value);
}

/** Extensions are YAML text, of which JSON is a part. */
function extensions(message: Message, field: number, of: object): Message {
  for (const [name, value] of Object.entries(of)) {
    if (name.startsWith("x-") && value !== undefined) message.message(field, named(name, anyOf(value)));
  }
  return message;
}

function anyOf(value: unknown): Message {
  return new Message().text(2, `${JSON.stringify(value)}\n`);
}

const methods = [
  ["get", 2],
  ["put", 3],
  ["post", 4],
  ["delete", 5],
  ["options", 6],
  ["head", 7],
  ["patch", 8],
] as const;

function pathItem(item: V2PathItem): Message {
  const message = new Message();
  for (const [method, field] of methods) {
    const operation = item[method];
    if (operation) message.message(field, operationOf(operation));
  }
  for (const parameter of item.parameters ?? []) message.message(9, parametersItem(parameter));
  return message;
}

function operationOf(operation: V2Operation): Message {
  const message = new Message().texts(1, operation.tags).text(3, operation.description).text(5, operation.operationId);
  message.texts(6, operation.produces).texts(7, operation.consumes);
  for (const parameter of operation.parameters ?? []) message.message(8, parametersItem(parameter));
  const responses = new Message();
  for (const [code, { description, schema }] of Object.entries(operation.responses)) {
    const response = new Message().text(1, description);
    if (schema) response.message(2, new Message().message(1, schemaOf(schema)));
    responses.message(1, named(code, new Message().message(1, response)));
  }
  return extensions(message.message(9, responses).texts(10, operation.schemes), 13, operation);
}

function parametersItem(item: V2Parameter | V2Reference): Message {
  return "$ref" in item
    ? new Message().message(2, new Message().text(1, item.$ref))
    : new Message().message(1, parameterOf(item));
}

function parameterOf(parameter: V2Parameter): Message {
  const { name, in: place, required, description, schema, type, uniqueItems } = parameter;
  if (place === "body") {
    const body = new Message().text(1, description).text(2, name).text(3, place).bool(4, required);
    if (schema) body.message(5, schemaOf(schema));
    return new Message().message(1, body);
  }
  const common = new Message().bool(1, required).text(2, place).text(3, description).text(4, name);
  // Query and path parameters differ by one field, which moves the numbers.
  const [kind, parts] =
    place === "query"
      ? [3, common.text(6, type).bool(20, uniqueItems)]
      : [4, common.text(5, type).bool(19, uniqueItems)];
  return new Message().message(2, new Message().message(kind, parts));
}

function schemaOf(schema: OpenApiSchema): Message {
  const message = new Message()
    .text(1, schema.$ref)
    .text(2, schema.format)
    .text(4, schema.description)
    .texts(19, schema.required);
  for (const value of schema.enum ?? []) message.message(20, anyOf(value));
  const { additionalProperties, items, properties, type } = schema;
  if (typeof additionalProperties === "boolean") message.message(21, new Message().oneOfBool(2, additionalProperties));
  else if (additionalProperties) message.message(21, new Message().message(1, schemaOf(additionalProperties)));
  if (type !== undefined) message.message(22, new Message().texts(1, [type]));
  if (items) message.message(23, new Message().message(1, schemaOf(items)));
  if (properties) {
    const fields = new Message();
    for (const [name, field] of Object.entries(properties)) fields.message(1, named(name, schemaOf(field)));
    message.message(25, fields);
  }
  return extensions(message, 31, schema);
}

function securityOf(requirement: Readonly<Record<string, readonly string[]>>): Message {
  const message = new Message();
  for (const [name, scopes] of Object.entries(requirement))
    message.message(1, named(name, new Message().texts(1, scopes)));
  return message;
}

function securityDefinitions(definitions: OpenApiV2["securityDefinitions"]): Message {
  const message = new Message();
  for (const [name, { type, name: header, in: place, description }] of Object.entries(definitions)) {
    const key = new Message().text(1, type).text(2, header).text(3, place).text(4, description);
    message.message(1, named(name, new Message().message(2, key)));
  }
  return message;
}
