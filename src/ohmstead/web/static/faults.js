// Faults of the protocol, on purpose: what is wrong now, and a form for more of it.

import { get, request } from "/static/api.js";
import { busy, h, redraw, setText, toast } from "/static/dom.js";
import { schemaForm } from "/static/schema_form.js";

/** One line that says what the station does wrong; empty: nothing. */
export function warning(faults) {
  if (!faults?.length) return "";
  const what = faults.map(label).join("; ");
  return `${faults.length === 1 ? "A fault" : `${faults.length} faults`} of the protocol on purpose: ${what}`;
}

function label({ fault }) {
  const answers = fault.direction === "answers" || fault.kind === "error" || fault.kind === "answer";
  const often = [fault.every > 1 && `each ${fault.every}th`, fault.times ? `${fault.times} ×` : "until cleared"].filter(Boolean);
  return `${fault.kind} · ${answers ? "answers to" : "sent"} ${fault.action ?? "every action"} · ${often.join(", ")}`;
}

export class Faults {
  constructor() {
    this.kinds = {};
    this.kind = h("select", { "aria-label": "Kind of fault", onchange: () => this.choose() });
    this.about = h("p", { class: "muted" });
    this.fields = h("div", { class: "fields" });
    this.add = h("button", { class: "danger", type: "submit" }, "Make it wrong");
    this.form = h(
      "form",
      { class: "card", onsubmit: (event) => this.submit(event), "aria-label": "New protocol fault" },
      h("header", null, h("h2", null, "Make something wrong")),
      h("div", { class: "row tools" }, this.kind),
      this.about,
      this.fields,
      h("div", { class: "row" }, this.add),
    );
    this.active = h("div", { class: "stack" });
    this.none = h("p", { class: "muted", hidden: true }, "This station can have no faults of the protocol.");
    this.element = h("div", { class: "grid two" }, this.none, this.form, h("section", { class: "card", "aria-label": "Active protocol faults" }, h("header", null, h("h2", null, "Active")), this.active));
  }

  async shown() {
    if (this.kind.options.length) return;
    try {
      await get("/faults");
      this.kinds = await get("/faults/kinds");
    } catch (error) {
      this.form.hidden = true;
      this.none.hidden = false;
      return;
    }
    this.kind.append(...Object.entries(this.kinds).map(([name, one]) => h("option", { value: name }, one.summary)));
    this.choose();
  }

  choose() {
    const one = this.kinds[this.kind.value];
    if (!one) return;
    setText(this.about, one.description);
    const schema = structuredClone(one.fields);
    const own = schema.$ref ? schema.$defs[schema.$ref.split("/").pop()] : schema;
    delete own.properties.kind;
    own.required = (own.required ?? []).filter((name) => name !== "kind");
    this.part = schemaForm({ ...schema, ...own, $ref: undefined });
    this.fields.replaceChildren(this.part.element);
  }

  update({ station }) {
    redraw(this.active, station.protocol_faults, () => station.protocol_faults.length
      ? [station.protocol_faults.map((one) => this.line(one)), station.protocol_faults.length > 1 && h("div", { class: "row" }, h("button", { class: "primary", onclick: () => this.clear("") }, "Clear all"))]
      : h("p", { class: "muted" }, "None: the station does everything right."));
  }

  line(one) {
    const what = h("span", { class: "wrong-fault" }, h("b", null, label(one)), h("br"), `acted ${one.applied} ×${one.last ? `, last on ${one.last}` : ""}`);
    return h("div", { class: "switch" }, what, h("div", { class: "row" }, h("button", { "aria-label": `Clear fault ${one.number}`, onclick: () => this.clear(`/${one.number}`) }, "Clear")));
  }

  async clear(path) {
    try {
      await request("DELETE", `/faults${path}`);
    } catch (error) {
      toast(error.message, "bad");
    }
  }

  async submit(event) {
    event.preventDefault();
    await busy(this.add, "…", async () => {
      try {
        await request("POST", "/faults", { kind: this.kind.value, ...this.part.read() });
      } catch (error) {
        toast(error.message, "bad");
      }
    });
  }
}
