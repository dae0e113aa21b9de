import { storeSuite } from "../../suite.ts";
import { openMemoryStore } from "./memory-engine.ts";

storeSuite("memory", async (options) => await openMemoryStore(options));
