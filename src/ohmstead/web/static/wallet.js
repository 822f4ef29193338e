// The driver's cards; a click holds one against the reader.

import { hand } from "/static/api.js";
import { h, redraw } from "/static/dom.js";

const KEY = "own-cards";

export class Wallet {
  constructor(tapped) {
    this.tapped = tapped;
    this.reader = null;
    this.cards = h("div", { class: "cards" });
    this.readers = h("div", { class: "row readers" });
    this.element = h(
      "section",
      { class: "card wallet", "data-touch": "", "aria-label": "Cards" },
      h("header", null, h("h2", null, "Cards"), h("span", { class: "muted" }, "click one to hold it to the reader"), this.readers),
      this.cards,
      this.other(),
    );
  }

  update(view, csms) {
    this.view = view;
    this.element.hidden = view.readers.length === 0;
    const own = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    const known = csms?.tokens ?? [];
    redraw(this.cards, [known, own], () => [...known, ...own].map((card) => this.card(card, own.includes(card))));
    const several = view.readers.filter((evse) => evse !== null);
    if (several.length && !several.includes(this.reader)) this.reader = several[0];
    redraw(this.readers, several, () => several.map((evse) => h(
      "label",
      { class: "choice" },
      h("input", { type: "radio", name: "reader", checked: evse === this.reader, onchange: () => (this.reader = evse) }),
      ` Reader ${evse}`,
    )));
  }

  card(card, own) {
    const kind = card.master ? "master" : card.status === "Accepted" ? (card.group ? "group" : "accepted") : "refused";
    const note = card.master ? "Master pass" : card.status === "Accepted" ? (card.group ? `Group ${card.group}` : "") : card.status;
    return h(
      "button",
      { class: `rfid ${own ? "own" : kind}`, onclick: () => this.present(card), title: card.id_token, "data-token": card.id_token },
      h("span", { class: "label" }, card.label),
      h("span", { class: "note" }, own ? card.type : note),
      h("span", { class: "number" }, `•••• ${card.id_token.slice(-4)}`),
    );
  }

  async present(card) {
    const done = await hand("present", { id_token: card.id_token, type: card.type, evse_id: this.reader });
    if (done) this.tapped(this.reader);
  }

  other() {
    const id = h("input", { name: "id_token", maxlength: 36, required: true, placeholder: "04A2B3C4D5E6F7", "aria-label": "Card number" });
    const type = h("select", { "aria-label": "Card type" }, ["ISO14443", "ISO15693"].map((one) => h("option", null, one)));
    const submit = (event) => {
      event.preventDefault();
      const card = { id_token: id.value.trim(), type: type.value, label: "Other card", status: "Accepted" };
      const own = JSON.parse(localStorage.getItem(KEY) ?? "[]").filter((one) => one.id_token !== card.id_token);
      localStorage.setItem(KEY, JSON.stringify([...own.slice(-2), card]));
      this.present(card);
    };
    return h(
      "details",
      { class: "other" },
      h("summary", null, "Another card"),
      h("form", { class: "row", onsubmit: submit }, id, type, h("button", { type: "submit" }, "Hold to reader")),
    );
  }
}
