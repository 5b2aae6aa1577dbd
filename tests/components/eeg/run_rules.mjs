/** Reads cases as JSON, gives the events that the browser's rules make of each; run by test_what_if_rules.py. */

import { readFileSync } from "node:fs";
import { riskEvents } from "../../../dashboard/components/eeg_tools/what_if_rules.js";

const cases = JSON.parse(readFileSync(0, "utf8"));
const events = cases.map(({ times, scores, step_s, rules, gaps }) =>
  riskEvents(times, scores.map((one) => one ?? NaN), step_s, rules, gaps.map(([onset_s, duration_s]) => ({ onset_s, duration_s })))
    .map(({ onset_s, duration_s, peak }) => [onset_s, duration_s, peak]));
process.stdout.write(JSON.stringify(events));
