import { storeSuite } from "../../suite.testing.ts";
import { openMemoryStore } from "./memory-engine.ts";

storeSuite("memory", async (options) => await openMemoryStore(options));
