import { useList, useShopper, useTitle } from "../shop/hooks.js";
import { html } from "../shop/html.js";
import { Loading, More, Trouble } from "../shop/parts.js";
import { Link } from "../shop/route.js";
import { t, when, won } from "../shop/words.js";

export const View = () => useShopper() && html`<${List} />`;

function List() {
  const { items, problem, more } = useList("/v1/orders", { query: { limit: 20 } });
  useTitle(t.orders);
  if (!items) return html`<${Loading} problem=${problem} />`;
  return html`<h1>${t.orders}</h1>
    ${items.length === 0 && html`<p>${t.noOrders}</p>`}
    <ul class="lines">${items.map(
      (order) => html`<li key=${order.id}>
      <span class="grow"><${Link} to=${`/orders/${order.id}`}>${order.name}<//><br />
        <span class="quiet">${when(order.createdAt)}</span></span>
      <b>${won(order.paymentAmount)}</b>
      <span class="state">${t.status[order.status]}</span>
    </li>`,
    )}</ul>
    <${Trouble} problem=${problem} again /><${More} more=${more} />`;
}
