import { deepClone } from "../../../../api/machinery/clone.ts";
import type { KubeObject } from "../../../../api/machinery/object.ts";
import type { Conversion } from "../../../encoding/conversion.ts";
import { settle } from "./settle.ts";

/** Versions differ in their name only; what one of them does not know is lost in it. */
export const noConversion: Conversion = {
  convert: (objects, to) =>
    objects.map((object) => settle({ ...deepClone<KubeObject>(object), apiVersion: to.apiVersion }, to)),
};
