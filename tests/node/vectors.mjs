// Runs vectors of questionnaires/conformance through the reader in JavaScript: one case as JSON on each line of the
// standard input, what was seen of it on the same line of the output.

import { createInterface } from "node:readline";

import { observe } from "./observing.mjs";

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(observe(JSON.parse(line)))}\n`);
}
