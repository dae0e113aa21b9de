import { describeReleases } from "./releases.ts";

describeReleases(4);
