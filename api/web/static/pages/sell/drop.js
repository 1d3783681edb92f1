/** @import { Schemas } from "../../../types/call" */
import { useEffect, useState } from "../../vendor/hooks.js";
import { call } from "../../shop/api.js";
import { html } from "../../shop/html.js";
import { useStock } from "../../shop/stock.js";
import { t } from "../../shop/words.js";

/** @typedef {Schemas["Demand"]} Demand */

const askEvery = 2000;

/**
 * A drop as its seller watches it: units available, held and sold, and orders taken and refused, with their rate.
 * @param {{id: string}} props
 */
export function Drop({ id }) {
  const stock = useStock(id);
  const { demand, ordered, refused } = useDemand(id);
  return html`<section><h2>${t.live}</h2>
    <dl class="figures">
      <${Figure} name=${t.available} value=${stock?.available} />
      <${Figure} name=${t.heldUnits} value=${stock?.held} />
      <${Figure} name=${t.sold} value=${stock?.sold} />
      <${Figure} name=${t.orderedOrders} value=${demand?.ordered} rate=${ordered} />
      <${Figure} name=${t.refusedOrders} value=${demand?.refused} rate=${refused} />
    </dl></section>`;
}

/** @param {{name: string, value?: number, rate?: number}} props */
const Figure = ({ name, value, rate }) => html`<div><dt>${name}</dt>
  <dd>${value === undefined ? "–" : value.toLocaleString()}${rate !== undefined && html`<small>${t.perSecond(rate)}</small>`}</dd></div>`;

/** How much is asked for, and how much a second: the difference to the reading before. @param {string} id */
function useDemand(id) {
  const [readings, setReadings] = useState(/** @type {Demand[]} */ ([]));
  useEffect(() => {
    const ask = () =>
      call("get", "/v1/products/{id}/demand", { path: { id } }).then(
        ({ data }) => setReadings((/** @type {Demand[]} */ before) => [...before, data].slice(-2)),
        () => null, // what is shown stays
      );
    void ask();
    const asking = setInterval(ask, askEvery);
    return () => clearInterval(asking);
  }, [id]);
  const [before, demand] = readings.length > 1 ? readings : [undefined, readings[0]];
  const seconds = before && demand ? (Date.parse(demand.asOf) - Date.parse(before.asOf)) / 1000 : 0;
  const rate = (/** @type {"ordered" | "refused"} */ of) =>
    before && demand && seconds > 0 ? (demand[of] - before[of]) / seconds : undefined;
  return { demand, ordered: rate("ordered"), refused: rate("refused") };
}
