// The storefront begins here: which view an address shows. Views are loaded when they are needed; the server has the browser load the first
// one ahead (api/web/module.go).
import { render } from "./vendor/preact.js";
import { useEffect, useState } from "./vendor/hooks.js";
import { keepFocus } from "./shop/focus.js";
import { html } from "./shop/html.js";
import { Button } from "./shop/parts.js";
import { Link, go, onRoute } from "./shop/route.js";
import { logOut, onSession, role, signedIn } from "./shop/session.js";
import { switchLanguage, t } from "./shop/words.js";

/** @type {[RegExp, () => Promise<{View: unknown}>][]} */
const views = [
  [/^\/$/, () => import("./pages/drops.js")],
  [/^\/p\/([\w-]+)$/, () => import("./pages/product.js")],
  [/^\/login$/, () => import("./pages/login.js")],
  [/^\/signup$/, () => import("./pages/signup.js")],
  [/^\/account$/, () => import("./pages/account.js")],
  [/^\/cart$/, () => import("./pages/cart.js")],
  [/^\/orders$/, () => import("./pages/orders.js")],
  [/^\/orders\/([\w-]+)$/, () => import("./pages/order.js")],
  [/^\/pay\/window$/, () => import("./pages/paywindow.js")],
  [/^\/pay\/(success|fail)$/, () => import("./pages/payresult.js")],
  [/^\/sell$/, () => import("./pages/sell.js")],
  [/^\/sell\/([\w-]+)$/, () => import("./pages/sellproduct.js")],
  [/^\/staff$/, () => import("./pages/staff.js")],
  [/^\/staff\/([\w-]+)$/, () => import("./pages/stafforder.js")],
];

function Shop() {
  const [path, setPath] = useState(location.pathname);
  const [inside, setInside] = useState(signedIn());
  useEffect(() => {
    onRoute(() => setPath(location.pathname));
    onSession(() => setInside(signedIn()));
  }, []);
  return html`
    <a class="skip" href="#main">${t.skip}</a>
    <header>
      <${Link} to="/" class="brand">RUNRUN<//>
      <nav>
        ${inside && role() === "SELLER" && html`<${Link} to="/sell">${t.sell}<//>`}
        ${inside && role() === "STAFF" && html`<${Link} to="/staff">${t.staff}<//>`}
        <${Link} to="/cart">${t.cart}<//>
        <${Link} to="/orders">${t.orders}<//>
        ${
          inside
            ? html`<${Link} to="/account">${t.account}<//>
              <${Button} class="plain" label=${t.logOut} act=${() => logOut().then(() => go("/"))} />`
            : html`<${Link} to="/login">${t.logIn}<//>`
        }
      </nav>
      <button class="plain language" lang=${t.language === "English" ? "en" : "ko"} onClick=${switchLanguage}>${t.language}</button>
    </header>
    <main id="main" tabindex="-1"><${Page} path=${path} /></main>`;
}

/** @param {{path: string}} props */
function Page({ path }) {
  const [shown, setShown] = useState(/** @type {{path: string, View: any, id?: string} | null} */ (null));
  useEffect(() => {
    const found = views.map(([pattern, load]) => ({ match: path.match(pattern), load })).find(({ match }) => match);
    const [, id] = found?.match ?? [];
    if (!found) setShown({ path, View: () => html`<h1>${t.notFound}</h1>` });
    else
      found.load().then(
        ({ View }) => setShown({ path, View, id }),
        () => location.reload(), // the connection was gone, or there is a new build
      );
  }, [path]);
  return shown && html`<${shown.View} key=${shown.path} id=${shown.id} />`;
}

const root = /** @type {Element} */ (document.getElementById("shop"));
keepFocus(root);
render(html`<${Shop} />`, root);
