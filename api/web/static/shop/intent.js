// What a shopper wants is one intent, with one Idempotency-Key, however often it is pressed, sent or reloaded: it is one order.
const name = (/** @type {string} */ what) => `intent ${what}`;

/** The key of an intent, the same until it is settled. @param {string} what */
export function keyOf(what) {
  const kept = sessionStorage.getItem(name(what));
  if (kept) return kept;
  const key = crypto.randomUUID();
  sessionStorage.setItem(name(what), key);
  return key;
}

/** The intent has its answer: the next press is another. @param {string} what */
export const settle = (what) => sessionStorage.removeItem(name(what));

/** Whether an intent waits for its answer, for example after a reload. @param {string} what */
export const isOpen = (what) => sessionStorage.getItem(name(what)) !== null;
