// Which view is shown stands in the address, so that reload and back work everywhere.
import { html } from "./html.js";

/** @type {Set<() => void>} */
const watchers = new Set();
/** @param {() => void} watch */
export const onRoute = (watch) => watchers.add(watch);
const tell = () => watchers.forEach((watch) => watch());

/** The page of the payment window is a document of its own: the gateway's script must not see the others, and has another policy. */
const isWindow = (/** @type {string} */ path) => path.startsWith("/pay/window");
const inWindow = isWindow(location.pathname);

/** @param {string} to @param {{replace?: boolean}} [options] */
export function go(to, { replace = false } = {}) {
  if (inWindow || isWindow(to)) return location[replace ? "replace" : "assign"](to);
  history[replace ? "replaceState" : "pushState"](null, "", to);
  tell();
  scrollTo(0, 0);
  document.querySelector("main")?.focus();
}

addEventListener("popstate", () => (inWindow ? location.reload() : tell()));
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return; // else a page that the browser has kept
  if (inWindow) location.reload();
  else tell();
});

/** A link within the shop. @param {{to: string, class?: string, children?: unknown}} props */
export const Link = ({ to, children, ...rest }) =>
  html`<a href=${to} ...${rest} onClick=${(/** @type {MouseEvent} */ event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(to);
  }}>${children}</a>`;
