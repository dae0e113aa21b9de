import type { Quantities } from "../../../api/core/quantities.ts";
import { formatQuantity, type Quantity, roundUp, roundUpMilli, zeroQuantity } from "../../../api/machinery/quantity.ts";

/** What a container, a pod or a claim takes. */
export interface Taken {
  readonly requests: Quantities;
  readonly limits: Quantities;
}

/** A complaint in upstream's words, or nothing. `type` is the LimitRange item's: Container, Pod, …. */
type Bound = (type: string, resource: string, bound: Quantity, taken: Taken) => string | undefined;

export const underMinimum: Bound = (type, resource, bound, { requests, limits }) => {
  const said = `minimum ${resource} usage per ${type} is ${formatQuantity(bound)}`;
  const [request, limit] = [requests.get(resource), limits.get(resource)];
  if (request === undefined) return `${said}.  No request is specified`;
  const value = precisionOf(request, limit, bound);
  if (value(request) < value(bound)) return `${said}, but request is ${formatQuantity(request)}`;
  if (limit !== undefined && value(limit) < value(bound)) return `${said}, but limit is ${formatQuantity(limit)}`;
  return undefined;
};

export const overMaximum: Bound = (type, resource, bound, { requests, limits }) => {
  const said = `maximum ${resource} usage per ${type} is ${formatQuantity(bound)}`;
  const [request, limit] = [requests.get(resource), limits.get(resource)];
  if (limit === undefined) return `${said}.  No limit is specified`;
  const value = precisionOf(request, limit, bound);
  if (value(limit) > value(bound)) return `${said}, but limit is ${formatQuantity(limit)}`;
  if (request !== undefined && value(request) > value(bound))
    return `${said}, but request is ${formatQuantity(request)}`;
  return undefined;
};

export const overMaximumRequest: Bound = (type, resource, bound, { requests }) => {
  const said = `maximum ${resource} usage per ${type} is ${formatQuantity(bound)}`;
  const request = requests.get(resource);
  if (request === undefined) return `${said}.  No request is specified`;
  const value = precisionOf(request, undefined, bound);
  return value(request) > value(bound) ? `${said}, but request is ${formatQuantity(request)}` : undefined;
};

export const exceedsRatio: Bound = (type, resource, bound, { requests, limits }) => {
  const said = `${resource} max limit to request ratio per ${type} is ${formatQuantity(bound)}`;
  const [request = zeroQuantity, limit = zeroQuantity] = [requests.get(resource), limits.get(resource)];
  if (request.nano === 0n) return `${said}, but no request is specified or request is 0`;
  if (limit.nano === 0n) return `${said}, but no limit is specified or limit is 0`;
  const value = precisionOf(request, limit, bound);
  const ratio = Number(value(limit)) / Number(value(request));
  return ratio * 1000 > Number(roundUpMilli(bound)) ? `${said}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
};

/** Above this, upstream compares whole units, below it thousandths, always rounded up. */
const mostInMilli = (2n ** 63n - 1n) / 1000n;

function precisionOf(...quantities: readonly (Quantity | undefined)[]): (quantity: Quantity) => bigint {
  return quantities.every((quantity) => quantity === undefined || roundUp(quantity) <= mostInMilli)
    ? roundUpMilli
    : roundUp;
}
