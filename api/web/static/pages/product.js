import { useEffect, useState } from "../vendor/hooks.js";
import { html } from "../shop/html.js";
import { Problem, call, signedIn } from "../shop/api.js";
import { useAction, useData, useNow } from "../shop/hooks.js";
import { isOpen, keyOf, settle } from "../shop/intent.js";
import { Picture, Price, State, Trouble } from "../shop/parts.js";
import { useStock } from "../shop/stock.js";
import { Link, go } from "../shop/route.js";
import { duration, t } from "../shop/words.js";

/** One product: its countdown, its live stock, and the button of the rush. @param {{id: string}} props */
export function Product({ id }) {
  const { data: product, problem, reload } = useData(`/v1/products/${id}`);
  const stock = useStock(id);
  const opensAt = Date.parse(product?.orderingOpensAt ?? "");
  const time = useNow();
  const upcoming = opensAt > time;
  useEffect(() => void (product?.state === "UPCOMING" && !upcoming && reload()), [upcoming]);
  if (!product) return html`<${Trouble} problem=${problem} />`;
  const left = stock?.available ?? product.available;
  return html`<article class="product">
    <${Picture} path=${product.thumbnail} name=${product.name} />
    <div>
      <p class="muted">${product.brand.name} · ${product.categoryPath.map((/** @type {any} */ c) => c.name).join(" › ")}</p>
      <h1>${product.name}</h1>
      <p><${Price} product=${product} /></p>
      <p><${State} product=${{ ...product, state: product.state === "OPEN" && left === 0 ? "SOLD_OUT" : product.state }} /> <span class="left">${t.left(left)}</span></p>
      ${product.limitPerShopper && html`<p class="muted">${t.limit(product.limitPerShopper)}</p>`}
      ${
        upcoming
          ? html`<p class="countdown">${t.opensIn} <time role="timer" aria-live="off">${duration(opensAt - time)}</time></p>`
          : html`<${Rush} product=${product} left=${left} />`
      }
      <${IntoCart} product=${product} />
    </div>
  </article>`;
}

/** One press is one order: the button stays locked until there is an answer, over reloads and lost connections. @param {{product: any, left: number}} props */
function Rush({ product, left }) {
  const intent = `order ${product.id}`;
  const [again, setAgain] = useState(false);
  const { busy, problem, run } = useAction(async () => {
    if (!signedIn()) return go(`/login?next=${encodeURIComponent(location.pathname)}`);
    const { data } = await call("GET", "/v1/users/addresses");
    if (data.items.length === 0) throw new Problem({ code: "NO_ADDRESS", detail: t.needAddress });
    const order = await untilAnswered(
      intent,
      { items: [{ productId: product.id, quantity: 1 }], addressId: data.items[0].id },
      () => setAgain(true),
    );
    go(`/orders/${order.id}`);
  });
  useEffect(() => void (isOpen(intent) && signedIn() && run(undefined)), []);
  return html`<button class="rush" disabled=${busy || product.state === "CLOSED"} onClick=${() => run(undefined)}>
      ${busy ? t.ordering : left > 0 ? t.order : t.soldOut}</button>
    <p role="status">${busy && again && t.retrying}</p>
    <${Trouble} problem=${problem} />`;
}

/**
 * Sends the order until the server has decided. Every try is the same order, by its Idempotency-Key.
 * @param {string} intent @param {unknown} body @param {() => void} again
 */
async function untilAnswered(intent, body, again) {
  for (;;) {
    try {
      const { data } = await call("POST", "/v1/orders", { body, headers: { "Idempotency-Key": keyOf(intent) } });
      settle(intent);
      return data;
    } catch (problem) {
      if (
        !(problem instanceof Problem) ||
        !(problem.code === "OFFLINE" || problem.status === 503 || problem.status === 429)
      ) {
        settle(intent);
        throw problem;
      }
      again();
      await new Promise((resolve) => setTimeout(resolve, problem.retryAfter * 1000));
    }
  }
}

/** @param {{product: any}} props */
function IntoCart({ product }) {
  const [done, setDone] = useState(false);
  const { busy, problem, run } = useAction(async () => {
    if (!signedIn()) return go(`/login?next=${encodeURIComponent(location.pathname)}`);
    await call("POST", "/v1/carts", { body: { productId: product.id, quantity: 1 } });
    setDone(true);
  });
  return html`<button disabled=${busy} onClick=${() => run(undefined)}>${t.addToCart}</button>
    <p role="status">${done && html`${t.inCart} · <${Link} to="/cart">${t.cart}<//>`}</p>
    <${Trouble} problem=${problem} />`;
}
