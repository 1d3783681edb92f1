// The storefront begins here: which view an address shows.
import { render } from "./vendor/preact.js";
import { useEffect, useState } from "./vendor/hooks.js";
import { html } from "./shop/html.js";
import { logOut, onSession, restore, role, signedIn } from "./shop/api.js";
import { Link, go, onRoute } from "./shop/route.js";
import { switchLanguage, t } from "./shop/words.js";
import { Drops } from "./pages/drops.js";
import { Product } from "./pages/product.js";
import { LogIn } from "./pages/login.js";
import { SignUp } from "./pages/signup.js";
import { Cart } from "./pages/cart.js";
import { Orders } from "./pages/orders.js";
import { Order } from "./pages/order.js";
import { PayFailed, PaySucceeded } from "./pages/pay.js";
import { Sell, SellProduct } from "./pages/sell.js";
import { Staff, StaffOrder } from "./pages/staff.js";

/** @type {[RegExp, (match: RegExpMatchArray) => unknown][]} */
const views = [
  [/^\/$/, () => html`<${Drops} />`],
  [/^\/p\/([\w-]+)$/, (m) => html`<${Product} key=${m[1]} id=${m[1]} />`],
  [/^\/login$/, () => html`<${LogIn} />`],
  [/^\/signup$/, () => html`<${SignUp} />`],
  [/^\/cart$/, () => html`<${Cart} />`],
  [/^\/orders$/, () => html`<${Orders} />`],
  [/^\/orders\/([\w-]+)$/, (m) => html`<${Order} key=${m[1]} id=${m[1]} />`],
  [/^\/sell$/, () => html`<${Sell} />`],
  [/^\/sell\/([\w-]+)$/, (m) => html`<${SellProduct} key=${m[1]} id=${m[1]} />`],
  [/^\/staff$/, () => html`<${Staff} />`],
  [/^\/staff\/([\w-]+)$/, (m) => html`<${StaffOrder} key=${m[1]} id=${m[1]} />`],
  [/^\/pay\/success$/, () => html`<${PaySucceeded} />`],
  [/^\/pay\/fail$/, () => html`<${PayFailed} />`],
];

function Shop() {
  const [path, setPath] = useState(location.pathname);
  const [inside, setInside] = useState(signedIn());
  useEffect(() => {
    onRoute(() => setPath(location.pathname));
    onSession(setInside);
  }, []);
  const found = views.map(([pattern, view]) => ({ match: path.match(pattern), view })).find(({ match }) => match);
  return html`
    <a class="skip" href="#main">${t.skip}</a>
    <header>
      <${Link} to="/" class="brand">${t.shop}<//>
      <nav>
        ${role() === "SELLER" && html`<${Link} to="/sell">${t.sell}<//>`}
        ${role() === "STAFF" && html`<${Link} to="/staff">${t.staff}<//>`}
        <${Link} to="/cart">${t.cart}<//>
        <${Link} to="/orders">${t.orders}<//>
        ${
          inside
            ? html`<button class="plain" onClick=${() => logOut().then(() => go("/"))}>${t.logOut}</button>`
            : html`<${Link} to="/login">${t.logIn}<//>`
        }
        <button class="plain" onClick=${switchLanguage}>${t.language}</button>
      </nav>
    </header>
    <main id="main" tabindex="-1">${found?.match ? found.view(found.match) : html`<p>${t.notFound}</p>`}</main>`;
}

await restore();
render(html`<${Shop} />`, /** @type {Element} */ (document.getElementById("shop")));
