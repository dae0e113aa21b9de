import {
  addQuantities,
  compareQuantities,
  isQuantity,
  parseQuantity,
  QuantityError,
  quantityOf,
  subtractQuantities,
  type Quantity,
} from "../../machinery/quantity.ts";
import { CelError } from "../cel.ts";
import { OpaqueValue, type Value } from "../values/value.ts";
import { declare, type Declaration } from "./declare.ts";
import { asInt, asText, noSuchOverload } from "./overload.ts";
import { quantityScale } from "./quantity-scale.ts";
import { inProportion } from "./sizes.ts";

/** https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-quantity-library */
const one = 1_000_000_000n;

class QuantityValue extends OpaqueValue {
  override readonly typeName = "kubernetes.Quantity";
  readonly quantity: Quantity;
  /** See quantityScale. */
  readonly scale: number | undefined;

  constructor(quantity: Quantity, scale: number | undefined) {
    super();
    this.quantity = quantity;
    this.scale = scale;
  }

  override equals(other: OpaqueValue): boolean {
    return other instanceof QuantityValue && other.quantity.nano === this.quantity.nano;
  }
}

function asQuantity(value: Value): QuantityValue {
  if (value instanceof QuantityValue) return value;
  throw noSuchOverload();
}

function numberOf(value: Value): Quantity {
  return asQuantity(value).quantity;
}

function read(text: string): QuantityValue {
  try {
    return new QuantityValue(parseQuantity(text), quantityScale(text));
  } catch (thrown) {
    if (thrown instanceof QuantityError) throw new CelError(thrown.message, { cause: thrown });
    throw thrown;
  }
}

function ofInt(value: bigint): QuantityValue {
  return new QuantityValue(quantityOf(value), 0);
}

/** The sum is kept as the finer of the two; a zero has no part in that. */
function combine(a: QuantityValue, b: QuantityValue, operation: (a: Quantity, b: Quantity) => Quantity): QuantityValue {
  const quantity = operation(a.quantity, b.quantity);
  if (b.quantity.nano === 0n) return new QuantityValue(quantity, a.scale);
  if (a.quantity.nano === 0n) return new QuantityValue(quantity, b.scale);
  const scales = [a.scale, b.scale].filter((scale) => scale !== undefined);
  return new QuantityValue(quantity, scales.length < 2 ? undefined : Math.min(...scales));
}

function isInteger({ quantity, scale }: QuantityValue): boolean {
  const value = quantity.nano / one;
  return scale !== undefined && scale >= 0 && BigInt.asIntN(64, value) === value;
}

function asInteger(value: QuantityValue): bigint {
  if (isInteger(value)) return value.quantity.nano / one;
  throw new CelError("cannot convert value to integer");
}

export const quantities: readonly Declaration[] = [
  declare("quantity(string): kubernetes.Quantity", (a) => read(asText(a)), inProportion(0)),
  declare("isQuantity(string): bool", (a) => isQuantity(asText(a)), inProportion(0)),
  declare("sign(kubernetes.Quantity): int", (a) => {
    const { nano } = numberOf(a);
    return nano > 0n ? 1n : nano < 0n ? -1n : 0n;
  }),
  declare("kubernetes.Quantity.isInteger(): bool", (a) => isInteger(asQuantity(a))),
  declare("kubernetes.Quantity.asInteger(): int", (a) => asInteger(asQuantity(a))),
  declare("kubernetes.Quantity.asApproximateFloat(): double", (a) => Number(numberOf(a).nano) / 1e9),
  declare("kubernetes.Quantity.add(kubernetes.Quantity): kubernetes.Quantity", (a, b) =>
    combine(asQuantity(a), asQuantity(b), addQuantities),
  ),
  declare("kubernetes.Quantity.add(int): kubernetes.Quantity", (a, b) =>
    combine(asQuantity(a), ofInt(asInt(b)), addQuantities),
  ),
  declare("kubernetes.Quantity.sub(kubernetes.Quantity): kubernetes.Quantity", (a, b) =>
    combine(asQuantity(a), asQuantity(b), subtractQuantities),
  ),
  declare("kubernetes.Quantity.sub(int): kubernetes.Quantity", (a, b) =>
    combine(asQuantity(a), ofInt(asInt(b)), subtractQuantities),
  ),
  declare(
    "kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool",
    (a, b) => compareQuantities(numberOf(a), numberOf(b)) > 0,
  ),
  declare(
    "kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool",
    (a, b) => compareQuantities(numberOf(a), numberOf(b)) < 0,
  ),
  declare("kubernetes.Quantity.compareTo(kubernetes.Quantity): int", (a, b) =>
    BigInt(compareQuantities(numberOf(a), numberOf(b))),
  ),
];
