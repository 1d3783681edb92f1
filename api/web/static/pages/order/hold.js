/** @import { Schemas } from "../../../types/call" */
import { call } from "../../shop/api.js";
import { useAction, useNow } from "../../shop/hooks.js";
import { html } from "../../shop/html.js";
import { Button, Trouble } from "../../shop/parts.js";
import { go } from "../../shop/route.js";
import { duration, t, won } from "../../shop/words.js";

/** @typedef {Schemas["Order"]} Order */

/** With less time than this left, the hold is extended when the payment begins: a card has to be typed. */
const short = 60_000;
/** The minutes that a screen reader says; the timer itself is silent. */
const spoken = [5, 1, 0];

/**
 * The units are held: the time that is left to pay, and the way to the payment window.
 * @param {{order: Order, changed: (order: Order) => void}} props
 */
export function Hold({ order, changed }) {
  const left = Date.parse(order.payBy ?? "") - useNow();
  const minutes = Math.max(0, Math.ceil(left / 60_000));
  const extendable = order.actions.some(({ action }) => action === "extend");
  const extend = async () => changed((await call("post", "/v1/orders/{id}/extend", { path: { id: order.id } })).data);
  const { busy, problem, run } = useAction(async () => {
    if (extendable && left < short) await extend().catch(() => null); // it may be too late; then the payment says so
    go(`/pay/window?order=${order.id}`);
  });
  return html`<p role="status" class="story">${t.held}</p>
    <p class="countdown">${t.payWithin} <time role="timer" aria-live="off">${duration(left)}</time></p>
    <p class="hidden" role="status">${spoken.includes(minutes) && t.minutesLeft(minutes)}</p>
    ${order.reason === "TIME_EXTENDED" && html`<p role="status">${t.extended}</p>`}
    ${order.reason === "PAYMENT_DECLINED" && html`<p role="status">${t.lastDeclined}</p>`}
    ${order.reason === "PAYMENT_UNAVAILABLE" && html`<p role="status">${t.problems.PAYMENT_UNAVAILABLE}</p>`}
    <button class="rush" disabled=${left <= 0} aria-disabled=${busy} onClick=${() => run()}>${t.pay(won(order.paymentAmount))}</button>
    <${Trouble} problem=${problem} />
    ${extendable && html`<${Button} label=${t.extend} act=${extend} />`}`;
}
