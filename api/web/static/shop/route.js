// Which view is shown stands in the address, so that reload and back work everywhere.
import { html } from "./html.js";

/** @type {(() => void)[]} */
const watchers = [];
/** @param {() => void} watch */
export const onRoute = (watch) => watchers.push(watch);
const tell = () => watchers.forEach((watch) => watch());

/** @param {string} to @param {{replace?: boolean}} [options] */
export function go(to, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", to);
  tell();
  scrollTo(0, 0);
  document.querySelector("main")?.focus();
}

addEventListener("popstate", tell);
addEventListener("pageshow", ({ persisted }) => persisted && tell()); // a page that the browser has kept

/** A link within the shop. @param {{to: string, class?: string, children?: unknown}} props */
export const Link = ({ to, children, ...rest }) =>
  html`<a href=${to} ...${rest} onClick=${(/** @type {MouseEvent} */ event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(to);
  }}>${children}</a>`;
