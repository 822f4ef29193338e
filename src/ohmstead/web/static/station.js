// The driver's view: the station's front, the wallet, and one card for each EVSE.

import { hand } from "/static/api.js";
import { Charges } from "/static/charges.js";
import { Curve } from "/static/curve.js";
import { duration, h, kilo, redraw, setStyle, setText } from "/static/dom.js";
import { Front } from "/static/front.js";
import { Happened } from "/static/happened.js";
import { Identify } from "/static/identify.js";
import { Wallet } from "/static/wallet.js";

/** Of more EVSEs than these, those where nothing goes on are drawn small. */
const FEW = 2;
/** So many stand in the column beside the drawing; more fill the width below it. */
const COLUMN = 4;
const CONNECTORS = { cCCS1: "CCS1", cCCS2: "CCS2", cG105: "CHAdeMO", cTesla: "NACS", sType2: "Type 2", cType2: "Type 2", cType1: "Type 1" };

/** So many of the models, the first ones, charge at any connector. */
const USUAL = 4;

export const connectorName = (type) => CONNECTORS[type] ?? type.replace(/^[cs](?=[A-Z])/, "");

/** What a person calls the state of an EVSE, and the color for it. */
export function condition(view, evse) {
  if (!view.powered) return ["No power", "off"];
  const status = worst(evse);
  if (status === "Faulted") return ["Faulted", "bad"];
  if (evse.supply === "Delivering") return ["Charging", "flow"];
  if (evse.supply === "Preparing") return ["Preparing", "busy"];
  if (evse.supply.startsWith("Suspended")) return ["Suspended", "busy"];
  if (status === "Unavailable") return ["Unavailable", "off"];
  if (status === "Available" && kept(evse)) return ["Card first", "good"];
  if (status === "Occupied") return [evse.connectors.some((one) => one.plugged) ? "Plugged in" : "Cable in", "flow"];
  return [status, status === "Available" ? "good" : "busy"];
}

function worst(evse) {
  const order = ["Faulted", "Unavailable", "Occupied", "Reserved", "Available"];
  return order.find((status) => evse.connectors.some((connector) => connector.status === status)) ?? "Available";
}

/** Whether its cable is locked in the holder, or its socket shut, until somebody is authorized. */
export const kept = (evse) => evse.connectors.some((one) => one.protected);

const cableKept = (evse) => evse.connectors.some((one) => one.protected && !one.socket);

export class Station {
  constructor(root) {
    this.models = new Map();
    this.front = new Front((evse) => this.toggle(evse));
    this.wallet = new Wallet((evse) => this.front.tapped(evse));
    this.identify = new Identify((evse) => this.front.tapped(evse));
    this.wire = h("section", { class: "card wire", "aria-label": "Network" });
    this.happened = new Happened();
    this.charges = new Charges();
    this.evses = h("div", { class: "evses" });
    this.cards = new Map();
    this.heading = h("h1", { class: "sr" }, "Station");
    root.append(
      this.heading,
      this.happened.element,
      this.evses,
      h("section", { class: "front-side", "aria-label": "The station's front" }, this.front.element, this.wallet.element, this.identify.element, this.wire),
      this.charges.element,
    );
  }

  update({ station, csms }) {
    this.view = station;
    this.evses.classList.toggle("many", station.evses.length > FEW);
    this.evses.classList.toggle("wide", station.evses.length > COLUMN);
    setText(this.heading, `Station ${station.identity}`);
    this.happened.update(station);
    this.charges.update(station, csms);
    this.front.update(station);
    this.wallet.update(station, csms);
    this.identify.update(station);
    const link = station.connection;
    redraw(this.wire, [station.interfaces, link.state, link.interface, link.url, station.queue.length, station.powered], () => network(station));
    if (this.cards.size !== station.evses.length) {
      for (const evse of station.evses) if (!this.cards.has(evse.id)) this.cards.set(evse.id, new EvseCard(this, evse));
      this.evses.replaceChildren(...station.evses.map((evse) => this.cards.get(evse.id).element));
    }
    for (const evse of station.evses) this.cards.get(evse.id).update(station, evse);
  }

  load(evseId, points) {
    this.cards.get(evseId)?.curve.load(points) ?? (this.early ??= new Map()).set(evseId, points);
  }

  repaint() {
    for (const card of this.cards.values()) card.curve.paint();
  }

  model(evseId) {
    const models = this.view?.ev_models ?? [];
    return this.models.get(evseId) ?? models[(evseId - 1) % Math.max(1, Math.min(USUAL, models.length))]?.name ?? null;
  }

  toggle(evseId) {
    const evse = this.view.evses.find((one) => one.id === evseId);
    const plugged = evse.connectors.some((connector) => connector.plugged);
    if (plugged) return hand("unplug", { evse_id: evseId });
    return hand("plug", { evse_id: evseId, connector_id: this.connector(evse), ev: this.model(evseId) });
  }

  connector(evse) {
    return this.cards.get(evse.id)?.chosenConnector() ?? evse.connectors[0].id;
  }
}

/** The line below the wallet: who the station speaks to, what waits, and the plugs to pull. */
function network(view) {
  const { state, interface: name, url } = view.connection;
  const waiting = view.queue.length;
  const link = state === "Connected" ? `to ${url}${name ? ` over ${name}` : ""}` : url;
  return h(
    "div",
    { class: "line" },
    h("span", { class: `pill ${state === "Connected" ? "good" : "bad"}` }, view.powered ? state : "No power"),
    h("span", { class: "muted wrap" }, link),
    waiting > 0 && h("span", { class: "pill busy" }, `${waiting} waiting`),
    h("span", { class: "plugs", "data-touch": "" }, view.interfaces.map((one) => h(
      "button",
      { onclick: () => hand(one.up ? "cut-network" : "restore-network", { interface: one.name }), title: one.technology },
      `${one.up ? "Pull" : "Put back"} ${one.name}`,
    ))),
  );
}

/** The two plugs of a cable in a socket, and the lock between them. */
function ends(evse, connector) {
  const end = (name, plugged) => h("span", { class: plugged ? "end in" : "end" }, h("i", { class: "contact" }), `${name}: ${plugged ? "in" : "out"}`);
  const lock = connector.locked === null ? null : h("span", { class: connector.locked ? "end lock shut" : "end lock" }, connector.locked ? "locked" : "unlocked");
  return h(
    "div",
    { class: "cable-ends", role: "group", "aria-label": `Cable at connector ${connector.id} of EVSE ${evse.id}` },
    end("Socket", connector.cable),
    lock,
    h("span", { class: connector.cable ? "wire there" : "wire" }),
    end("Car", connector.plugged),
  );
}

class EvseCard {
  constructor(station, evse) {
    this.station = station;
    this.id = evse.id;
    this.curve = new Curve(`EVSE ${evse.id}`);
    const early = station.early?.get(evse.id);
    if (early) this.curve.load(early);
    this.pill = h("span", { class: "pill" });
    this.sub = h("span", { class: "muted" });
    this.ring = h("div", { class: "ring", role: "img" }, h("b"), h("small", null, "battery"));
    this.figures = {};
    this.ends = h("div", { class: "ends" });
    this.kept = h("p", { class: "kept" });
    this.buttons = h("div", { class: "row actions", "data-touch": "" });
    this.element = h(
      "article",
      { class: "card evse", "aria-label": `EVSE ${evse.id}` },
      h("header", null, h("h2", null, `EVSE ${evse.id}`), this.pill, this.sub),
      h(
        "div",
        { class: "meters" },
        this.ring,
        h(
          "dl",
          { class: "figures" },
          this.figure("power", "Power", "kW"),
          this.figure("energy", "Energy", "kWh"),
          this.figure("time", "Time", ""),
          this.figure("current", "Current", "A"),
        ),
      ),
      this.curve.element,
      this.ends,
      this.kept,
      this.buttons,
    );
  }

  figure(name, label, unit) {
    const value = h("b", null, "–");
    this.figures[name] = value;
    return h("div", { class: `figure ${name}` }, h("dt", null, label), h("dd", null, value, unit && h("small", null, ` ${unit}`)));
  }

  update(view, evse) {
    const [text, kind] = condition(view, evse);
    setText(this.pill, text);
    this.pill.className = `pill ${kind}`;
    const names = evse.connectors.map((connector) => connectorName(connector.type)).join(" / ");
    const phases = evse.phases ? ` · AC, ${evse.phases === 1 ? "1 phase" : `${evse.phases} phases`}` : "";
    setText(this.sub, `${names}${phases} · up to ${kilo(evse.max_power_w, 0)} kW`);
    redraw(this.ends, evse.connectors, () => evse.connectors.filter((one) => one.socket).map((one) => ends(evse, one)));
    this.keeps(view, evse);
    this.battery(evse);
    const session = evse.session;
    this.element.classList.toggle("idle", !session && !evse.power_w);
    const seconds = session?.started_at ? (new Date(view.now) - new Date(session.started_at)) / 1000 : null;
    setText(this.figures.power, kilo(evse.power_w));
    setText(this.figures.energy, session ? kilo(session.energy_wh, 2) : "–");
    setText(this.figures.time, seconds === null ? "–" : duration(seconds));
    setText(this.figures.current, evse.current_a ? evse.current_a.toFixed(0) : "–");
    this.curve.add(view, evse);
    this.actions(view, evse);
  }

  /** Why a cable cannot be taken, and what frees it. */
  keeps(view, evse) {
    this.kept.hidden = !kept(evse);
    if (!kept(evse)) return;
    const what = cableKept(evse) ? "The cable is locked in its holder" : "The socket is shut";
    setText(this.kept, view.powered ? `${what} until somebody is authorized: show a card, or start it from the CSMS.` : `${what}: there is no power.`);
  }

  battery(evse) {
    const soc = evse.soc_percent;
    const known = soc !== null && soc !== undefined;
    setStyle(this.ring, { "--soc": known ? soc : 0 });
    setText(this.ring.firstChild, known ? `${Math.floor(soc)} %` : "–");
    const label = known ? `State of charge ${Math.floor(soc)} percent` : "No car is connected";
    if (this.ring.getAttribute("aria-label") !== label) this.ring.setAttribute("aria-label", label);
  }

  actions(view, evse) {
    const plugged = evse.connectors.some((connector) => connector.plugged);
    const shown = [evse.connectors.map((one) => [one.plugged, one.cable, one.locked]), evse.supply, evse.bay_occupied, view.ev_models, evse.connectors.length];
    redraw(this.buttons, shown, () => (plugged ? this.pluggedActions(evse) : this.freeActions(view, evse)));
  }

  freeActions(view, evse) {
    const models = h(
      "select",
      { "aria-label": `Car for EVSE ${evse.id}`, onchange: (event) => this.station.models.set(evse.id, event.target.value) },
      view.ev_models.map((model) => h("option", { value: model.name }, model.label)),
    );
    models.value = this.station.model(evse.id) ?? "";
    this.connectors = evse.connectors.length > 1 && h(
      "select",
      { "aria-label": `Connector of EVSE ${evse.id}` },
      evse.connectors.map((connector) => h("option", { value: connector.id }, `${connector.id} · ${connectorName(connector.type)}`)),
    );
    const at = { evse_id: evse.id };
    const leaving = evse.bay_occupied;
    return [
      view.ev_models.length > 0 && models,
      this.connectors,
      h("button", { class: "primary", onclick: () => this.station.toggle(evse.id) }, "Plug in"),
      this.atSocket(evse),
      h("button", { class: "quiet", onclick: () => hand(leaving ? "leave" : "arrive", at) }, leaving ? "Drive off" : "Drive in"),
    ];
  }

  pluggedActions(evse) {
    const at = { evse_id: evse.id };
    const suspended = evse.supply === "SuspendedEV";
    const running = suspended || evse.supply === "Delivering" || evse.supply === "SuspendedEVSE";
    return [
      h("button", { class: "primary", onclick: () => hand("unplug", at) }, "Unplug"),
      evse.connectors.some((one) => one.plugged && one.socket) && h("button", { class: "quiet", onclick: () => hand("disconnect-ev", at) }, "EV side only"),
      running && h("button", { onclick: () => hand(suspended ? "resume" : "suspend", at) }, suspended ? "Car resumes" : "Car pauses"),
      running && h("button", { onclick: () => hand("stop-by-ev", at) }, "Car stops"),
    ];
  }

  /** What can be done at the station's end of a cable while no car is at the other. */
  atSocket(evse) {
    const sockets = evse.connectors.filter((one) => one.socket);
    if (!sockets.length) return null;
    const at = { evse_id: evse.id };
    if (sockets.some((one) => one.cable)) return h("button", { class: "quiet", onclick: () => hand("remove-cable", at) }, "Take the cable out");
    return h("button", { class: "quiet", onclick: () => hand("insert-cable", { ...at, connector_id: this.station.connector(evse) }) }, "Cable in only");
  }

  chosenConnector() {
    return this.connectors ? Number(this.connectors.value) : undefined;
  }
}
