import { addresses } from "./addresses.ts";
import { authorization } from "./authorization.ts";
import { conversions } from "./conversions.ts";
import { functionTable } from "./declare.ts";
import { formatting } from "./formatting.ts";
import { lists } from "./lists.ts";
import { mutations } from "./mutations.ts";
import { namedFormats } from "./named-formats.ts";
import { operators } from "./operators.ts";
import { optionals } from "./optionals.ts";
import type { FunctionTable } from "./overload.ts";
import { patterns } from "./patterns.ts";
import { quantities } from "./quantities.ts";
import { sets } from "./sets.ts";
import { texts } from "./texts.ts";
import { times } from "./times.ts";
import { urls } from "./urls.ts";
import { versions } from "./versions.ts";

/** What every expression of Kubernetes 1.36 may call. https://kubernetes.io/docs/reference/using-api/cel/ */
export const baseFunctions: FunctionTable = functionTable([
  ...operators,
  ...conversions,
  ...texts,
  ...formatting,
  ...times,
  ...lists,
  ...sets,
  ...optionals,
  ...patterns,
  ...quantities,
  ...addresses,
  ...versions,
  ...urls,
  ...namedFormats,
  ...authorization,
]);

/** With those of mutating admission policies. */
export const mutationFunctions: FunctionTable = new Map([...baseFunctions, ...functionTable(mutations)]);
