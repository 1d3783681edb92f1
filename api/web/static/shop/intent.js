// What a shopper wants is one intent, with one Idempotency-Key and one body. However often it is pressed, sent or reloaded, it is one order.
/** @import { Problem } from "./problem.js" */
/** @import { Schemas } from "../../types/call" */
import { call } from "./api.js";
import { untilAnswered } from "./patience.js";
import { problemOf } from "./problem.js";
import { user } from "./session.js";

/** @typedef {{key: string, body: Schemas["OrderRequest"], at: number}} Intent */

/** An intent without an answer for so long is forgotten. If it became an order after all, "my orders" shows it. */
const forgottenAfter = 10 * 60_000;

const place = (/** @type {string} */ name) => `intent ${user()} ${name}`;

/** What the shopper wants and has no answer to, for example after a reload. @param {string} name @returns {Intent | null} */
export function pending(name) {
  const intent = JSON.parse(sessionStorage.getItem(place(name)) ?? "null");
  return intent && Date.now() - intent.at < forgottenAfter ? intent : null;
}

/** Works without https, too, unlike crypto.randomUUID. */
const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

/**
 * Orders, until the server has decided. Every try is the same order; so is the next press, unless this one was refused for certain.
 * @param {string} name @param {Schemas["OrderRequest"]} body @param {(problem: Problem) => void} waiting
 */
export async function order(name, body, waiting) {
  const intent = pending(name) ?? { key: newKey(), body, at: Date.now() };
  const where = place(name);
  sessionStorage.setItem(where, JSON.stringify(intent));
  const attempt = () =>
    call("post", "/v1/orders", { body: intent.body, headers: { "Idempotency-Key": intent.key, Prefer: "wait=2" } });
  try {
    const { data } = await untilAnswered(attempt, waiting);
    sessionStorage.removeItem(where);
    return data;
  } catch (failed) {
    if (problemOf(failed).definite) sessionStorage.removeItem(where);
    throw failed;
  }
}
