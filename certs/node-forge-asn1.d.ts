/** The one file of node-forge that is used: importing the whole package costs start-up time. */
declare module "node-forge/lib/asn1.js" {
  import { asn1 } from "node-forge";

  interface DerOptions {
    readonly strict: boolean;
    readonly decodeBitStrings: boolean;
  }
  /** The published types lack the options form of `fromDer`. */
  const plain: Omit<typeof asn1, "fromDer"> & { fromDer(bytes: string, options: DerOptions): asn1.Asn1 };
  export default plain;
}
