// What is true now: link, sessions with their facts, the queue, the transactions that the CSMS was told of.

import { duration, h, kilo, money, redraw, time } from "/static/dom.js";
import { condition, connectorName } from "/static/station.js";

const FACTS = ["ParkingBayOccupancy", "EVConnected", "Authorized", "DataSigned", "PowerPathClosed", "EnergyTransfer"];

function card(title, wide) {
  const body = h("div");
  return { body, element: h("section", { class: `card ${wide ? "wide" : ""}`, "aria-label": title }, h("header", null, h("h2", null, title)), body) };
}

export class Overview {
  constructor() {
    this.link = card("Station and link");
    this.sessions = card("Sessions");
    this.queue = card("Outbox");
    this.transfers = card("File transfers");
    this.transactions = card("Transactions, as the CSMS knows them", true);
    const side = h("div", { class: "stack wider" }, this.link.element, this.queue.element, this.transfers.element);
    this.element = h("div", { class: "grid" }, this.sessions.element, side, this.transactions.element);
  }

  update({ station, csms }) {
    redraw(this.link.body, { ...station, version: 0, evses: 0, queue: 0, transfers: 0, screens: 0 }, () => facts(station));
    redraw(this.sessions.body, [station.evses, station.unbound, station.powered], () => sessions(station));
    redraw(this.queue.body, station.queue, () => queue(station.queue));
    this.transfers.element.hidden = !station.transfers.length;
    redraw(this.transfers.body, station.transfers, () => transfers(station.transfers));
    this.transactions.element.hidden = !csms;
    redraw(this.transactions.body, csms?.transactions, () => transactions(csms?.transactions ?? []));
  }
}

function facts(view) {
  const link = view.connection;
  const rows = [
    ["Product", `${view.vendor} ${view.model} · ${view.product}`],
    ["Firmware", view.firmware],
    ["Clock", `${view.now.slice(0, 19).replace("T", " ")} UTC`],
    ["Link", [link.state, link.interface && `over ${link.interface}`].filter(Boolean).join(" ")],
    ["CSMS", link.url || "–"],
    ["Security profile", link.security_profile || "0, no password: for development only"],
    ["Network slot", link.slot ?? "–"],
    ["Last boot", link.boot_status ?? "–"],
    link.next_attempt_at && ["Next attempt", time(link.next_attempt_at)],
    link.last_error && ["Last error", link.last_error],
    ["Interfaces", view.interfaces.map((one) => `${one.name} ${one.up ? "up" : "down"}`).join(", ") || "–"],
    view.faults.length > 0 && ["Faults", view.faults.map((one) => `${one.evse_id}/${one.connector_id} ${one.code}`).join(", ")],
    view.emergency_stop && ["Emergency stop", "pressed"],
  ];
  return h("dl", { class: "facts" }, rows.filter(Boolean).map(([name, value]) => [h("dt", null, name), h("dd", null, String(value))]));
}

function sessions(view) {
  const blocks = view.evses.map((evse) => {
    const [text, kind] = condition(view, evse);
    return h(
      "div",
      { class: "session" },
      h("div", { class: "row" }, h("h3", null, `EVSE ${evse.id}`), h("span", { class: `pill ${kind}` }, text),
        evse.connectors.map((one) => h("span", { class: "muted" }, `${one.id} ${connectorName(one.type)}: ${one.status}`))),
      session(view, evse.session, evse.bay_occupied),
    );
  });
  if (view.unbound) blocks.push(h("div", { class: "session" }, h("h3", null, "Waiting for a cable"), session(view, view.unbound, false)));
  return blocks;
}

function session(view, one, occupied) {
  const held = new Set(one?.facts ?? []);
  if (occupied) held.add("ParkingBayOccupancy");
  const others = [...held].filter((fact) => !FACTS.includes(fact));
  const chips = h("div", { class: "chips" }, [...FACTS, ...others].map((fact) => h("span", { class: held.has(fact) ? "chip on" : "chip" }, fact)));
  if (!one) return chips;
  const details = [
    one.id_token && `card ${one.id_token}`,
    one.transaction_id ? `transaction ${one.transaction_id}` : "no transaction",
    one.charging_state,
    one.seq_no !== null && `seqNo ${one.seq_no}`,
    one.transaction_id && `${kilo(one.energy_wh, 3)} kWh`,
    one.started_at && duration((new Date(view.now) - new Date(one.started_at)) / 1000),
  ];
  return [chips, h("p", { class: "muted mono wrap" }, details.filter(Boolean).join(" · "))];
}

const table = (name, heads, rows) => h(
  "div",
  { class: "scroll", tabindex: 0, role: "region", "aria-label": name },
  h("table", null, h("thead", null, h("tr", null, heads.map((head) => h("th", null, head)))), h("tbody", null, rows)),
);

const cells = (...values) => h("tr", null, values.map((value) => h("td", null, value)));

function queue(messages) {
  if (!messages.length) return h("p", { class: "muted" }, "Empty: everything has been delivered.");
  return table("Messages that wait", ["Occurred", "Message", "seqNo", "Attempts"], messages.map((one) => cells(
    time(one.at), [one.action, one.event_type].filter(Boolean).join(" "), one.seq_no ?? "–", one.attempts,
  )));
}

function transfers(list) {
  return list.map((one) => {
    const known = one.size ? `${Math.round((100 * one.done) / one.size)} %` : `${(one.done / 1e6).toFixed(1)} MB`;
    const label = `${one.name} ${one.upload ? "to the CSMS" : "to the station"}`;
    const bar = h("progress", { "aria-label": label, max: one.size ?? 1, ...(one.size ? { value: one.done } : {}) });
    return h("div", { class: "session" }, h("div", { class: "row" }, h("span", { class: "mono wrap" }, label), h("span", { class: "muted" }, known)), bar);
  });
}

function events(one) {
  const wrong = [one.missing.length ? `missing ${one.missing.join(", ")}` : "", ...one.faults].filter(Boolean);
  return wrong.length ? h("span", { class: "pill bad" }, `${one.events}, ${wrong.join("; ")}`) : one.events;
}

function transactions(list) {
  if (!list.length) return h("p", { class: "muted" }, "None yet.");
  return table("Transactions", ["Started", "Ended", "Transaction", "EVSE", "Card", "kWh", "Price", "State", "Events"], list.map((one) => cells(
    time(one.started_at),
    one.ended_at ? time(one.ended_at) : h("span", { class: "pill flow" }, "running"),
    h("span", { class: "mono" }, one.transaction_id),
    one.evse_id ?? "–",
    one.id_token ?? "–",
    kilo(one.energy_wh, 3),
    one.cost === null ? "–" : money(one.cost, one.currency),
    one.stopped_reason ?? one.charging_state ?? "–",
    events(one),
  )));
}
