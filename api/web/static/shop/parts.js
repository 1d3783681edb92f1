// Small parts that several views are made of.
/** @import { Schemas } from "../../types/call" */
/** @import { Problem } from "./problem.js" */
import { useLayoutEffect, useRef, useState } from "../vendor/hooks.js";
import { useAction } from "./hooks.js";
import { html } from "./html.js";
import { api } from "./http.js";
import { Link } from "./route.js";
import { t, won } from "./words.js";

/**
 * What went wrong, said at once by screen readers. With again it is tried again by itself.
 * @param {{problem?: Problem, again?: boolean}} props
 */
export const Trouble = ({ problem, again }) =>
  problem &&
  html`<p class="trouble" role="alert">${problem.code === "OFFLINE" ? (again ? t.offline : t.notSent) : (t.problems[problem.code] ?? problem.message)}
    ${problem.errors.map((e) => html`<br />${t.fields[e.pointer?.slice(1)] ?? e.pointer?.slice(1) ?? e.name}: ${e.detail}`)}</p>`;

/** Why a request is sent again. @param {string} code */
export const retrying = (code) => (code === "OFFLINE" ? t.offline : t.retrying);

/** A view that is still being loaded, or could not be. @param {{problem?: Problem}} props */
export const Loading = ({ problem }) =>
  problem ? html`<${Trouble} problem=${problem} again />` : html`<p class="loading" role="status">${t.loading}</p>`;

/** @param {{name: string, label: string, type?: string, hint?: string, required?: boolean, [other: string]: unknown}} props */
export const Field = ({ name, label, type = "text", hint, required = true, ...rest }) => html`
  <label class="field">${label}${!required && html` <small>${t.optional}</small>`}
    <input name=${name} type=${type} required=${required} ...${rest} />
    ${hint && html`<small>${hint}</small>`}</label>`;

/** @param {{name: string, label: string, value?: string, options: [string, string][], onInput?: (event: any) => void}} props */
export const Choice = ({ name, label, value, options, onInput }) => html`
  <label class="field">${label}
    <select name=${name} onInput=${onInput} value=${value}>
      ${options.map(([key, text]) => html`<option key=${key} value=${key} selected=${key === value}>${text}</option>`)}
    </select></label>`;

/** @param {{state: keyof typeof t.states}} props */
export const State = ({ state }) => html`<span class=${`state ${state.toLowerCase()}`}>${t.states[state]}</span>`;

/** @param {{product: Pick<Schemas["Product"], "price" | "discount" | "discountedPrice">}} props */
export const Price = ({ product }) => html`<span class="price">
  ${product.discount > 0 && html`<b class="discount">${product.discount}%</b> <s><span class="hidden">${t.before} </span>${won(product.price)}</s> `}<b>${won(product.discountedPrice)}</b></span>`;

/** A picture whose place is there before it is. @param {{path?: string, name: string}} props */
export const Picture = ({ path, name }) =>
  path
    ? html`<img src=${api + path} alt=${name} width="480" height="480" loading="lazy" decoding="async" />`
    : html`<span class="picture" aria-hidden="true"></span>`;

/** @param {{product: Schemas["Product"], children?: unknown}} props */
export const Card = ({ product, children }) => html`<${Link} to=${`/p/${product.id}`} class="card">
  <${Picture} path=${product.thumbnail} name="" />
  <span class="name">${product.name}</span>
  <${Price} product=${product} />
  <span><${State} state=${product.state} /> ${children}</span>
<//>`;

/** The way to the next page of a list. @param {{more?: () => void}} props */
export const More = ({ more }) => more && html`<button onClick=${more}>${t.more}</button>`;

/** A button that does something, and says what went wrong. @param {{label: string, act: () => Promise<void>, class?: string}} props */
export function Button({ label, act, class: kind }) {
  const { busy, problem, run } = useAction(act);
  return html`<button class=${kind} aria-disabled=${busy} onClick=${() => run()}>${label}</button><${Trouble} problem=${problem} />`;
}

/** A button that asks again first. @param {{label: string, question: string, act: () => Promise<void>}} props */
export function Careful({ label, question, act }) {
  const [asked, setAsked] = useState(false);
  const group = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => void (asked && group.current?.querySelector("button")?.focus()), [asked]);
  if (!asked) return html`<button onClick=${() => setAsked(true)}>${label}</button>`;
  return html`<div class="question" role="group" aria-label=${label} ref=${group}>
    <p role="status">${question}</p>
    <${Button} label=${label} act=${act} />
    <button onClick=${() => setAsked(false)}>${t.no}</button></div>`;
}
