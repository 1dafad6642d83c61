import { KvConnectServer } from "./server.ts";

// Enough for a whole request, so that what is read from the replica is old wherever that matters.
const LAG = 20;

/** Serves for a test run of many processes, until it is ended; prints its address. */
const server = new KvConnectServer({ lag: LAG, once: true });
console.log(server.url(""));
