/** @import { Schemas } from "../../types/call" */
import { call } from "../shop/api.js";
import { useOrder } from "../shop/follow.js";
import { useShopper, useTitle } from "../shop/hooks.js";
import { html } from "../shop/html.js";
import { Careful, Loading, Trouble } from "../shop/parts.js";
import { Link } from "../shop/route.js";
import { t, when, won } from "../shop/words.js";
import { Hold } from "./order/hold.js";
import { Line } from "./order/line.js";

/** @typedef {Schemas["Order"]} Order */

/** @param {{id: string}} props */
export const View = ({ id }) => useShopper() && html`<${Live} id=${id} />`;

/** An order as it is now. @param {{id: string}} props */
function Live({ id }) {
  const { order, asOf, problem, setOrder } = useOrder(id);
  useTitle(order?.name);
  if (!order) return html`<${Loading} problem=${problem} />`;
  return html`<h1>${order.name}</h1>
    <section class="stage">
      <p class="state">${t.status[order.status]}</p>
      <${Story} order=${order} asOf=${asOf} changed=${setOrder} />
      ${order.attention && html`<p role="status">${t.attention}</p>`}
      <${Trouble} problem=${problem} again />
      <${Actions} order=${order} changed=${setOrder} />
    </section>
    <${Bill} order=${order} />
    ${order.receiver && html`<p class="quiet">${t.receiver}: ${order.receiver.name}, ${order.receiver.address} (${order.receiver.zipCode})</p>`}
    <p class="quiet">${t.orderNumber} <span class="number">${order.id}</span> · ${when(order.createdAt)}</p>`;
}

/** What the shopper should know. @param {{order: Order, asOf: number, changed: (order: Order) => void}} props */
function Story({ order, asOf, changed }) {
  if (order.status === "RECEIVED") return html`<${Line} order=${order} asOf=${asOf} />`;
  if (order.status === "HELD") return html`<${Hold} order=${order} changed=${changed} />`;
  const refusal = order.status === "REFUSED" && (t.refusals[order.reason ?? ""] ?? t.refused);
  const charged = ["DONE", "UNKNOWN", "INTENT"].includes(order.payment?.status ?? "");
  const story = (charged && t.storyOfMoney[order.status]) || t.story[order.status];
  const over = ["REFUSED", "EXPIRED", "PAYMENT_FAILED", "CANCELED"].includes(order.status);
  const product = order.items.length === 1 && order.items[0];
  return html`<p role="status" class="story">${refusal || story}</p>
    ${
      order.payment?.receiptUrl &&
      order.payment.status === "DONE" &&
      html`<p><a href=${order.payment.receiptUrl}
      rel="noreferrer" target="_blank">${t.receipt}</a></p>`
    }
    ${over && html`<p>${product ? html`<${Link} to=${`/p/${product.productId}`}>${t.backToProduct}<//>` : html`<${Link} to="/">${t.toShop}<//>`}</p>`}`;
}

/** What the shopper may do, beside paying. @param {{order: Order, changed: (order: Order) => void}} props */
function Actions({ order, changed }) {
  const of = (/** @type {string} */ name) => order.actions.find(({ action }) => action === name);
  const act = (/** @type {"cancel" | "return"} */ name) => async () =>
    changed((await call("post", `/v1/orders/{id}/${name}`, { path: { id: order.id } })).data);
  const [label, question] =
    order.status === "RECEIVED"
      ? [t.leaveLine, t.leaveQuestion]
      : [t.cancel, order.status === "PLACED" ? t.cancelQuestion : t.cancelUnpaidQuestion];
  return html`${of("cancel") && html`<${Careful} key=${label} label=${label} question=${question} act=${act("cancel")} />`}
    ${
      of("return") &&
      html`<${Careful} key="return" label=${t.giveBack} question=${t.returnQuestion} act=${act("return")} />
      <span class="quiet">${t.until(when(of("return")?.until))}</span>`
    }`;
}

/** @param {{order: Order}} props */
const Bill = ({ order }) => html`<ul class="lines">
  ${order.items.map((item) => html`<li key=${item.productId}><span class="grow">${item.name} × ${item.quantity}</span><b>${won(item.lineAmount)}</b></li>`)}
  <li><span class="grow">${t.deliveryFee}</span><b>${order.deliveryFee ? won(order.deliveryFee) : t.free}</b></li>
  <li><span class="grow">${t.total}</span><b>${won(order.paymentAmount)}</b></li></ul>`;
