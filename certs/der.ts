import type { asn1 as types } from "node-forge";
import asn1 from "node-forge/lib/asn1.js";

/** One ASN.1 value. The functions below are the few forms that X.509 needs (RFC 5280). */
export type Der = types.Asn1;

const { UNIVERSAL, CONTEXT_SPECIFIC } = asn1.Class;

export const sequence = (...items: readonly (Der | undefined)[]): Der =>
  asn1.create(UNIVERSAL, asn1.Type.SEQUENCE, true, present(items));

export const set = (...items: readonly Der[]): Der => asn1.create(UNIVERSAL, asn1.Type.SET, true, [...items]);

export const objectId = (dotted: string): Der => primitive(asn1.Type.OID, asn1.oidToDer(dotted).getBytes());

export const boolean = (value: boolean): Der => primitive(asn1.Type.BOOLEAN, value ? "\xff" : "\x00");

/** `bytes`: big-endian two's complement. */
export const integer = (bytes: Uint8Array): Der => primitive(asn1.Type.INTEGER, binary(bytes));

export const nothing = (): Der => primitive(asn1.Type.NULL, "");

export const utf8 = (text: string): Der => primitive(asn1.Type.UTF8, binary(Buffer.from(text, "utf8")));

export const octets = (content: Uint8Array): Der => primitive(asn1.Type.OCTETSTRING, binary(content));

export const bits = (content: Uint8Array, unused = 0): Der =>
  primitive(asn1.Type.BITSTRING, String.fromCharCode(unused) + binary(content));

/** RFC 5280 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 on. */
export const time = (date: Date): Der =>
  date.getUTCFullYear() < 2050
    ? primitive(asn1.Type.UTCTIME, asn1.dateToUtcTime(date))
    : primitive(asn1.Type.GENERALIZEDTIME, asn1.dateToGeneralizedTime(date));

/** `[tag] EXPLICIT`. */
export const explicit = (tag: number, item: Der): Der => asn1.create(CONTEXT_SPECIFIC, tag, true, [item]);

/** `[tag] IMPLICIT` of a set or a sequence. */
export const implicitAll = (tag: number, items: readonly Der[]): Der =>
  asn1.create(CONTEXT_SPECIFIC, tag, true, [...items]);

/** `[tag] IMPLICIT` of a primitive type. */
export const implicit = (tag: number, content: Uint8Array): Der =>
  asn1.create(CONTEXT_SPECIFIC, tag, false, binary(content));

export const encode = (item: Der): Buffer => Buffer.from(asn1.toDer(item).getBytes(), "latin1");

/** Throws on what is not DER. Bit strings are left as they are, so that `encode` gives the same bytes back. */
export function decode(bytes: Uint8Array): Der {
  return asn1.fromDer(binary(bytes), { strict: true, decodeBitStrings: false });
}

export function children(item: Der | undefined): readonly Der[] {
  if (item === undefined || typeof item.value === "string") throw new Error("malformed DER: a structure was expected");
  return item.value;
}

export function content(item: Der | undefined): Buffer {
  if (item === undefined || typeof item.value !== "string")
    throw new Error("malformed DER: a plain value was expected");
  return Buffer.from(item.value, "latin1");
}

/** The dotted form of an OBJECT IDENTIFIER. */
export const dotted = (item: Der | undefined): string => asn1.derToOid(content(item).toString("latin1"));

export const isContext = (item: Der, tag: number): boolean =>
  item.tagClass === CONTEXT_SPECIFIC && item.type.valueOf() === tag;

const primitive = (type: types.Type, value: string): Der => asn1.create(UNIVERSAL, type, false, value);

/** node-forge works on strings with one byte per character. */
const binary = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

const present = (items: readonly (Der | undefined)[]): Der[] => items.filter((item) => item !== undefined);
