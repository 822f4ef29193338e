// What hands can do beside charging: mains, network plugs, faults, bays.

import { hand } from "/static/api.js";
import { h, redraw } from "/static/dom.js";

export const HANDLESS = "This machine is a real one: cables, cards, power and emergency stop are at the machine, not on this page.";

export class Physical {
  constructor() {
    this.power = section("Power");
    this.network = section("Network");
    this.evses = h("div", { class: "grid wide" });
    const touched = [this.power.element, this.network.element, this.evses];
    for (const element of touched) element.dataset.touch = "";
    this.handless = h("p", { class: "muted", hidden: true }, HANDLESS);
    this.element = h("div", { class: "grid" }, this.handless, touched);
  }

  update({ station: view }) {
    this.handless.hidden = view.hand;
    redraw(this.power.body, [view.powered, view.emergency_stop], () => power(view));
    redraw(this.network.body, view.interfaces, () => network(view));
    redraw(this.evses, [view.evses.map((evse) => [evse.supply, evse.bay_occupied, evse.connectors]), view.faults, view.fault_codes], () => view.evses.map((evse) => bay(view, evse)));
  }
}

function section(title) {
  const body = h("div", { class: "stack" });
  return { body, element: h("section", { class: "card", "aria-label": title }, h("header", null, h("h2", null, title)), body) };
}

const line = (text, ...buttons) => h("div", { class: "switch" }, h("span", null, text), h("div", { class: "row" }, buttons));
const press = (text, action, body, kind = "") => h("button", { class: kind, onclick: () => hand(action, body) }, text);

function power(view) {
  return [
    line(view.powered ? "The mains are on" : "The mains are off", view.powered
      ? press("Cut the power", "cut-power", undefined, "danger")
      : press("Restore the power", "restore-power", undefined, "primary")),
    view.powered && line("Service button", press("Reboot", "reboot")),
    line(view.emergency_stop ? "The emergency stop is pressed" : "Emergency stop", view.emergency_stop
      ? press("Release it", "emergency-stop", { pressed: false })
      : press("Press it", "emergency-stop", { pressed: true }, "danger")),
  ];
}

function network(view) {
  const lines = view.interfaces.map((one) => line(
    h("span", null, h("b", null, one.name), ` ${one.technology} · ${one.up ? "plugged in" : "pulled"}`),
    one.up ? press("Pull the plug", "cut-network", { interface: one.name }, "danger") : press("Put it back", "restore-network", { interface: one.name }, "primary"),
  ));
  if (view.interfaces.length > 1) lines.push(line("All of them", press("Pull", "cut-network", {}), press("Put back", "restore-network", {})));
  return lines.length ? lines : h("p", { class: "muted" }, "Nothing to pull.");
}

function bay(view, evse) {
  const at = { evse_id: evse.id };
  const faults = view.faults.filter((one) => one.evse_id === evse.id);
  const code = h("select", { "aria-label": `Fault at EVSE ${evse.id}` }, view.fault_codes.map((one) => h("option", null, one)));
  const where = h("select", { "aria-label": `Connector of EVSE ${evse.id}` }, evse.connectors.map((one) => h("option", { value: one.id }, `connector ${one.id}`)), h("option", { value: 0 }, "whole EVSE"));
  const about = h("header", null, h("h2", null, `EVSE ${evse.id}`), h("span", { class: "muted" }, evse.supply));
  const lines = h(
    "div",
    { class: "stack" },
    line("Bay", press("Arrive", "arrive", at), press("Leave", "leave", at)),
    line("Cable", press("Plug in", "plug", at), press("Unplug", "unplug", at)),
    evse.connectors.some((one) => one.socket) && line("Socket", press("Cable in", "insert-cable", { ...at, connector_id: evse.connectors.find((one) => one.socket).id }), press("Cable out", "remove-cable", at)),
    evse.connectors.some((one) => one.socket) && line("EV side", press("Connect", "connect-ev", { ...at, connector_id: evse.connectors.find((one) => one.socket).id }), press("Disconnect", "disconnect-ev", at)),
    line("Car", press("Suspend", "suspend", at), press("Resume", "resume", at), press("Stop for good", "stop-by-ev", at)),
    view.fault_codes.length > 0 && line("Fault", code, where, h("button", { class: "danger", onclick: () => hand("fault", { evse_id: evse.id, connector_id: Number(where.value), code: code.value }) }, "Break")),
    faults.map((one) => line(h("span", { class: "pill bad" }, `${one.connector_id || "EVSE"}: ${one.code}`), press("Repair", "clear", { evse_id: one.evse_id, connector_id: one.connector_id }, "primary"))),
  );
  return h("section", { class: "card", "aria-label": `EVSE ${evse.id}` }, about, lines);
}
