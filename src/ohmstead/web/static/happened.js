// What has happened to the station, and the way back: power cut, emergency stop, faults.

import { hand } from "/static/api.js";
import { h, redraw } from "/static/dom.js";

export class Happened {
  constructor() {
    this.element = h("section", { class: "happened", role: "status", "aria-label": "What happened" });
  }

  update(view) {
    redraw(this.element, [view.powered, view.booting, view.emergency_stop, view.faults, view.hand], () => told(view).map(line));
  }
}

const back = (text, action, body) => h("button", { class: "primary", "data-touch": "", onclick: () => hand(action, body) }, text);

function line([kind, title, text, way]) {
  return h("div", { class: `card line ${kind}` }, h("div", null, h("b", null, title), h("p", null, text)), way);
}

/** [kind, title, text, button] of each thing that keeps drivers from charging. */
function told(view) {
  if (!view.powered) {
    const text = "All is dark, and no energy flows. Once the power is back the station starts; a charge whose car is still plugged in goes on.";
    return [["bad", "The power is cut", text, back("Restore the power", "restore-power")], ...stop(view)];
  }
  if (view.booting) return [["busy", "The station starts", "It takes a moment; then it connects to its CSMS.", null]];
  const faults = view.faults.filter((one) => one.code !== "EmergencyStop");
  return [...stop(view), ...faults.map(fault)];
}

function stop(view) {
  if (!view.emergency_stop) return [];
  const text = "All energy is off and every charge has ended. Release the button; then a cable is plugged in anew, or a card shown.";
  return [["bad", "The emergency stop is pressed", text, back("Release it", "emergency-stop", { pressed: false })]];
}

function fault(one) {
  const where = one.evse_id ? [one.connector_id && `connector ${one.connector_id} of`, `EVSE ${one.evse_id}`].filter(Boolean).join(" ") : "The station";
  const title = `${where[0].toUpperCase()}${where.slice(1)} is out of order`;
  const way = one.evse_id ? back("Repair", "clear", { evse_id: one.evse_id, connector_id: one.connector_id }) : null;
  return ["bad", title, `${one.code}. Nobody can charge there until it is repaired.`, way];
}
