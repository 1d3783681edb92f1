/** @import { Schemas } from "../../types/call" */
import { useEffect, useState } from "../vendor/hooks.js";
import { call } from "../shop/api.js";
import { useAction, useData, useNow, useRepeat, useSession, useTitle } from "../shop/hooks.js";
import { html } from "../shop/html.js";
import { api } from "../shop/http.js";
import { order, pending } from "../shop/intent.js";
import { Button, Choice, Loading, Picture, Price, State, Trouble, retrying } from "../shop/parts.js";
import { Problem } from "../shop/problem.js";
import { Receiver } from "../shop/receiver.js";
import { Link, go } from "../shop/route.js";
import { useStock } from "../shop/stock.js";
import { duration, language, t, when, won } from "../shop/words.js";

/** @typedef {Schemas["Product"]} Product */

/** One product: its countdown, its live stock, and the button of the rush. @param {{id: string}} props */
export function View({ id }) {
  const { data: product, problem, reload } = useData("/v1/products/{id}", { path: { id } });
  const stock = useStock(id);
  useTitle(product?.name);
  if (!product) return html`<${Loading} problem=${problem} />`;
  const left = stock?.available ?? product.available;
  const state =
    product.state === "OPEN" || product.state === "SOLD_OUT" ? (left > 0 ? "OPEN" : "SOLD_OUT") : product.state;
  return html`<article class="product">
    <${Picture} path=${product.thumbnail} name=${product.name} />
    <div>
      <p class="quiet">${product.brand.name} · ${product.categoryPath.map((c) => (language === "ko" ? c.nameKo : c.name)).join(" › ")}</p>
      <h1>${product.name}</h1>
      <p><${Price} product=${product} /></p>
      <p class="quiet">${t.deliveryFee} ${won(product.brand.deliveryFee)}, ${t.freeFrom(won(product.brand.freeDeliveryFrom))}</p>
      <p><${State} state=${state} /> <span class="left">${t.left(left)}</span>
        ${product.limitPerShopper && html` <span class="quiet">· ${t.limit(product.limitPerShopper)}</span>`}</p>
      <${Opening} product=${product} left=${left} reload=${reload} />
      <${Like} product=${product} />
    </div>
  </article>
  <${Details} product=${product} />`;
}

/** Until the opening a countdown, then the way to an order. @param {{product: Product, left: number, reload: () => void}} props */
function Opening({ product, left, reload }) {
  const opensAt = Date.parse(product.orderingOpensAt ?? "");
  const time = useNow();
  const upcoming = opensAt > time;
  useRepeat(product.state === "UPCOMING" && !upcoming, reload); // the database opens it, maybe a moment later
  return html`${
    upcoming &&
    html`<p class="countdown">${t.opensIn} <time role="timer" aria-live="off">${duration(opensAt - time)}</time>
      <small>${t.opensAtTime(when(product.orderingOpensAt))}</small></p><p class="quiet">${t.reminder}</p>`
  }<${Rush} product=${product} left=${left} upcoming=${upcoming} />`;
}

/**
 * One press is one order: the button stays locked until there is an answer, over reloads and lost connections.
 * @param {{product: Product, left: number, upcoming: boolean}} props
 */
function Rush({ product, left, upcoming }) {
  const intent = `order ${product.id}`;
  const inside = useSession();
  const [again, setAgain] = useState("");
  const [addressId, setAddress] = useState("");
  const [quantity, setQuantity] = useState("1");
  const { busy, problem, run } = useAction(async () => {
    if (!addressId && !pending(intent)) throw new Problem({ code: "NO_ADDRESS", detail: t.needAddress });
    const items = [{ productId: product.id, quantity: Number(quantity) }];
    go(`/orders/${(await order(intent, { items, addressId }, ({ code }) => setAgain(code))).id}`);
  });
  useEffect(() => void (inside && pending(intent) && run()), [inside]);
  if (!inside) return html`<button class="rush" onClick=${logIn}>${t.orderNow}</button>`;
  const most = Math.min(product.limitPerShopper ?? 10, 10);
  const label = busy
    ? t.ordering
    : product.state === "CLOSED"
      ? t.states.CLOSED
      : left > 0 || upcoming
        ? t.order
        : t.states.SOLD_OUT;
  return html`<${Receiver} chosen=${addressId} choose=${setAddress} />
    ${
      most > 1 &&
      html`<${Choice} name="quantity" label=${t.quantity} value=${quantity}
        onInput=${(/** @type {any} */ e) => setQuantity(e.currentTarget.value)}
      options=${Array.from({ length: most }, (_, n) => [String(n + 1), String(n + 1)])} />`
    }
    <button class="rush" disabled=${upcoming || product.state === "CLOSED"} aria-disabled=${busy} onClick=${() => run()}>${label}</button>
    <p role="status">${busy && again ? retrying(again) : left === 0 && !upcoming && product.state !== "CLOSED" && t.soldOutHint}</p>
    <${Trouble} problem=${problem} />
    <${IntoCart} product=${product} quantity=${Number(quantity)} />`;
}

const logIn = () => go(`/login?next=${encodeURIComponent(location.pathname)}`);

/** @param {{product: Product, quantity: number}} props */
function IntoCart({ product, quantity }) {
  const [done, setDone] = useState(false);
  const add = async () => {
    await call("post", "/v1/carts", { body: { productId: product.id, quantity } });
    setDone(true);
  };
  return html`<${Button} label=${t.addToCart} act=${add} />
    <p role="status">${done && html`${t.inCart} <${Link} to="/cart">${t.cart}<//>`}</p>`;
}

/** @param {{product: Product}} props */
function Like({ product }) {
  const inside = useSession();
  const [likes, setLikes] = useState(product.likes);
  const [mine, setMine] = useState(false);
  const { busy, problem, run } = useAction(async () => {
    if (!inside) return logIn();
    const { data } = await call(mine ? "delete" : "put", "/v1/products/{id}/like", { path: { id: product.id } });
    setLikes(data.likes);
    setMine(!mine);
  });
  return html`<button class="plain" aria-pressed=${mine} aria-disabled=${busy} onClick=${() => run()}>
    <span class="hidden">${t.likeLabel} </span>${t.like(likes)}</button><${Trouble} problem=${problem} />`;
}

/** @param {{product: Product}} props */
const Details = ({ product }) => html`<section class="details">
  <h2>${t.details}</h2>
  <dl>
    ${[
      [t.manufacturer, product.manufacturer],
      [t.country, product.country],
      [t.contact, product.contact],
    ].map(([name, value]) => value && html`<dt key=${name}>${name}</dt><dd>${value}</dd>`)}
  </dl>
  ${product.descriptionImage && html`<img class="long" src=${api + product.descriptionImage} alt="" loading="lazy" />`}
</section>`;
