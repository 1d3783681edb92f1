// What a shopper wants is one intent, with one Idempotency-Key and one body, however often it is pressed, sent or reloaded: it is one order.
/** @import { Problem } from "./problem.js" */
/** @import { Schemas } from "../../types/call" */
import { call } from "./api.js";
import { untilAnswered } from "./patience.js";

/** @typedef {{key: string, body: Schemas["OrderRequest"]}} Intent */

const place = (/** @type {string} */ name) => `intent ${name}`;

/** The intent that waits for its answer, for example after a reload. @param {string} name @returns {Intent | null} */
export const pending = (name) => JSON.parse(sessionStorage.getItem(place(name)) ?? "null");

/**
 * Orders, until the server has decided. Every try is the same order.
 * @param {string} name @param {Schemas["OrderRequest"]} body @param {(problem: Problem) => void} waiting
 */
export async function order(name, body, waiting) {
  const intent = pending(name) ?? { key: crypto.randomUUID(), body };
  sessionStorage.setItem(place(name), JSON.stringify(intent));
  try {
    const attempt = () =>
      call("post", "/v1/orders", { body: intent.body, headers: { "Idempotency-Key": intent.key, Prefer: "wait=2" } });
    return (await untilAnswered(attempt, waiting)).data;
  } finally {
    sessionStorage.removeItem(place(name)); // it is settled: the next press is another
  }
}
