// Ways to start and stop without a card: a keypad, buttons at each EVSE, the MAC address of the car.

import { hand } from "/static/api.js";
import { h, redraw, setText } from "/static/dom.js";

const MOST = 36;
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "C", "0", "OK"];
const SPOKEN = { C: "Clear", OK: "Enter" };

export class Identify {
  constructor(tapped) {
    this.tapped = tapped;
    this.code = "";
    this.at = null;
    this.dots = h("output", { class: "dots", "aria-label": "Digits typed" });
    this.body = h("div", { class: "ways" });
    this.element = h("section", { class: "card identify", "data-touch": "", "aria-label": "Start without a card" }, h("header", null, h("h2", null, "Without a card")), this.body);
  }

  update(view) {
    const ways = [view.keypads, view.buttons, view.evses.map((evse) => evse.id)];
    this.element.hidden = !view.hand || (view.keypads.length === 0 && view.buttons.length === 0);
    redraw(this.body, ways, () => [view.keypads.length > 0 && this.keypad(view.keypads), view.buttons.length > 0 && this.places(view)]);
  }

  keypad(places) {
    const several = places.filter((evse) => evse !== null);
    this.at = several.length ? several[0] : null;
    const choose = several.length > 0 && h("select", { "aria-label": "Keypad", onchange: (event) => (this.at = Number(event.target.value)) }, several.map((evse) => h("option", { value: evse }, `Keypad ${evse}`)));
    this.show();
    return h(
      "div",
      { class: "keypad", role: "group", "aria-label": "Keypad" },
      choose,
      this.dots,
      h("div", { class: "keys" }, KEYS.map((key) => h("button", { class: key === "OK" ? "primary" : "", "aria-label": SPOKEN[key] ?? key, onclick: () => this.press(key) }, key))),
    );
  }

  /** What is typed is never shown, and forgotten once it was sent. */
  press(key) {
    if (key === "C") this.code = "";
    else if (key === "OK") this.enter();
    else if (this.code.length < MOST) this.code += key;
    this.show();
  }

  show() {
    setText(this.dots, this.code ? "•".repeat(this.code.length) : "Key code");
    this.dots.classList.toggle("empty", !this.code);
  }

  async enter() {
    const code = this.code;
    this.code = "";
    if (code && await hand("present", { id_token: code, type: "KeyCode", evse_id: this.at })) this.tapped(this.at);
  }

  places(view) {
    return h("div", { class: "stack" }, view.evses.map((evse) => h(
      "div",
      { class: "switch" },
      h("span", null, `EVSE ${evse.id}`),
      h("div", { class: "row" }, view.buttons.map((type) => this.button(type, evse.id))),
    )));
  }

  button(type, evse) {
    if (type === "MacAddress") return this.car(evse);
    const text = type === "Local" ? "Take a ticket" : "Start / stop button";
    return h("button", { "data-type": type, onclick: () => hand("present", { id_token: "", type, evse_id: evse }) }, text);
  }

  car(evse) {
    const mac = h("input", { class: "mac", maxlength: 17, required: true, value: "0250C2A1B2C3", "aria-label": `MAC address of the EV at EVSE ${evse}` });
    const submit = (event) => {
      event.preventDefault();
      hand("present", { id_token: mac.value.trim(), type: "MacAddress", evse_id: evse });
    };
    return h("form", { class: "row", onsubmit: submit }, mac, h("button", { type: "submit" }, "EV says its MAC address"));
  }
}
