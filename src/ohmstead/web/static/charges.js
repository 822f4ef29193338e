// The charges that have ended: what the station has kept of each, beside what the CSMS has been told of it.

import { duration, h, kilo, money, redraw, time } from "/static/dom.js";

const SAME = 1;

export class Charges {
  constructor() {
    this.tariff = h("span", { class: "muted" });
    this.body = h("div", { class: "receipts" });
    this.element = h("section", { class: "card", "aria-label": "Charges" }, h("header", null, h("h2", null, "Charges"), this.tariff), this.body);
  }

  update(view, csms) {
    redraw(this.tariff, csms?.tariff, () => (csms?.tariff ? [price(csms.tariff)] : []));
    const told = new Map((csms?.transactions ?? []).map((one) => [one.transaction_id, one]));
    const rows = view.charges.map((one) => [one, told.get(one.transaction_id) ?? null]);
    redraw(this.body, [rows, Boolean(csms)], () => (rows.length
      ? rows.map(([one, other], index) => receipt(one, other, Boolean(csms), index === 0))
      : h("p", { class: "muted" }, "None has ended yet. Each stays here with energy, time and price.")));
  }
}

function price({ currency, per_kwh: each, session_fee: fee }) {
  return `${money(each, currency)} per kWh${fee ? `, and ${money(fee, currency)} a charge` : ""}`;
}

function receipt(one, other, office, open) {
  const energy = one.energy_wh === null ? "–" : `${kilo(one.energy_wh, 2)} kWh`;
  const cost = other?.cost ?? one.cost;
  const currency = other?.currency ?? "";
  const summary = h(
    "summary",
    null,
    h("b", null, one.evse_id === null ? "No EVSE" : `EVSE ${one.evse_id}`),
    h("span", null, energy),
    h("span", null, duration(one.seconds)),
    h("span", { class: "price" }, cost === null || cost === undefined ? "no price" : money(cost, currency)),
    h("time", { class: "muted", datetime: one.ended_at }, time(one.ended_at, false)),
  );
  return h("details", { class: "receipt", open }, summary, table(one, other, office));
}

/** The station's figures beside those of the CSMS; what is not the same is marked. */
function table(one, other, office) {
  const none = office ? "not told yet" : "–";
  const rows = [
    ["Energy", one.energy_wh === null ? "–" : `${kilo(one.energy_wh, 3)} kWh`, other ? `${kilo(other.energy_wh, 3)} kWh` : none, other && one.energy_wh !== null && Math.abs(one.energy_wh - other.energy_wh) > SAME],
    ["Began", time(one.started_at), other ? time(other.started_at) : none, false],
    ["Ended", time(one.ended_at), other ? (other.ended_at ? time(other.ended_at) : "still running") : none, other && !other.ended_at],
    ["Reason", one.stopped_reason ?? "–", other ? other.stopped_reason ?? "–" : none, other?.ended_at && other.stopped_reason !== one.stopped_reason && Boolean(other.stopped_reason)],
    ["Price", one.cost === null ? "not told" : money(one.cost, other?.currency ?? ""), other ? (other.cost === null ? "not known" : money(other.cost, other.currency)) : none, other && one.cost !== null && other.cost !== one.cost],
  ];
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": `Transaction ${one.transaction_id}` },
    h(
      "table",
      null,
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "Receipt"), h("th", { scope: "col" }, "Station"), h("th", { scope: "col" }, "CSMS"))),
      h("tbody", null, rows.map(([name, mine, theirs, differs]) => h(
        "tr",
        null,
        h("th", { scope: "row" }, name),
        h("td", null, mine),
        h("td", null, differs ? h("span", { class: "pill bad" }, theirs) : theirs),
      ))),
    ),
    h("p", { class: "muted mono wrap" }, `${one.transaction_id}${other?.id_token ? ` · ${other.id_token}` : ""}${other?.missing.length ? ` · the CSMS misses seqNo ${other.missing.join(", ")}` : ""}`),
  );
}
