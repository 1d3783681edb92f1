import { useAction, useTitle } from "../shop/hooks.js";
import { html } from "../shop/html.js";
import { Field, Trouble } from "../shop/parts.js";
import { Link, go } from "../shop/route.js";
import { logIn } from "../shop/session.js";
import { t } from "../shop/words.js";

/** Where to go after the login: a path of ours, whatever stands in the address. */
export function next() {
  const wanted = new URLSearchParams(location.search).get("next") ?? "/";
  return /^\/(?![/\\])/.test(wanted) ? wanted : "/";
}

export function View() {
  useTitle(t.logIn);
  const { busy, problem, run } = useAction(async ({ email = "", password = "" }) => {
    await logIn(email, password);
    go(next(), { replace: true });
  });
  return html`<form class="narrow" onSubmit=${run}>
    <h1>${t.logIn}</h1>
    <${Field} name="email" type="email" label=${t.email} autocomplete="username" />
    <${Field} name="password" type="password" label=${t.password} autocomplete="current-password" />
    <button class="rush" aria-disabled=${busy}>${t.logIn}</button>
    <${Trouble} problem=${problem} />
    <p>${t.newHere} <${Link} to=${`/signup${location.search}`}>${t.signUp}<//></p>
  </form>`;
}
