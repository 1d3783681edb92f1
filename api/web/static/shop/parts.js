// Small parts that several views are made of.
import { html } from "./html.js";
import { Link } from "./route.js";
import { t, won } from "./words.js";

/** What went wrong, said at once by screen readers. @param {{problem: any}} props */
export const Trouble = ({ problem }) =>
  problem &&
  html`<p class="trouble" role="alert">
  ${problem.code === "OFFLINE" ? t.offline : problem.message}
  ${(problem.body?.errors ?? []).map((/** @type {any} */ e) => html`<br />${e.pointer.replace("/", "")}: ${e.detail}`)}
</p>`;

/** @param {{name: string, label: string, type?: string, value?: string, autocomplete?: string, [other: string]: unknown}} props */
export const Field = ({ name, label, type = "text", ...rest }) => html`
  <label>${label}<input name=${name} type=${type} required ...${rest} /></label>`;

/** @param {{product: any}} props */
export const State = ({ product }) =>
  html`<span class="state ${product.state.toLowerCase()}">${
    { OPEN: t.open, UPCOMING: t.upcoming, SOLD_OUT: t.soldOut, CLOSED: t.closed, UNAVAILABLE: t.unavailable }[
      /** @type {string} */ (product.state)
    ]
  }</span>`;

/** @param {{product: any}} props */
export const Price = ({ product }) => html`<span class="price">
  ${product.discount > 0 && html`<s>${won(product.price)}</s> <b>${product.discount}%</b> `}${won(product.discountedPrice)}</span>`;

/** @param {{product: any}} props */
export const Card = ({ product }) => html`<${Link} to=${`/p/${product.id}`} class="card">
  <${Picture} path=${product.thumbnail} name=${product.name} />
  <h2>${product.name}</h2>
  <${Price} product=${product} />
  <${State} product=${product} />
<//>`;

/** A picture whose place is there before it is. @param {{path?: string, name: string}} props */
export const Picture = ({ path, name }) =>
  path
    ? html`<img src=${path} alt=${name} width="480" height="480" loading="lazy" />`
    : html`<span class="picture" aria-hidden="true"></span>`;
