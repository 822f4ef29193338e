// The device model as a table: filter, and edit in place by the type of the variable.

import { get, request } from "/static/api.js";
import { h, name, redraw, setText, toast } from "/static/dom.js";

const nameOf = ({ key }) => {
  const part = (name, instance) => (instance ? `${name}[${instance}]` : name);
  const place = key.evse_id === null ? "" : `@${[key.evse_id, key.connector_id].filter((one) => one !== null).join("/")}`;
  return [part(key.component, key.component_instance) + place, part(key.variable, key.variable_instance)];
};

export class Variables {
  constructor() {
    this.entries = [];
    this.text = h("input", { type: "search", placeholder: "Filter: component, variable, value", "aria-label": "Filter variables", oninput: () => this.draw() });
    this.writable = h("input", { type: "checkbox", onchange: () => this.draw() });
    this.count = h("span", { class: "muted" });
    this.body = h("tbody");
    const heads = ["Variable", "Value", "Unit", "Allowed", "Kind"];
    this.element = h(
      "section",
      { class: "card", "aria-label": "Device model" },
      h("header", null, h("h2", null, "Device model"), this.count),
      h("div", { class: "row tools" }, this.text, h("label", { class: "choice" }, this.writable, " can be changed"), h("button", { onclick: () => this.load() }, "Read again")),
      h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Variables" }, h("table", { class: "variables" }, h("thead", null, h("tr", null, heads.map((head) => h("th", null, head)))), this.body)),
    );
  }

  shown() {
    this.load();
  }

  update({ station }) {
    if (station.version !== this.version && !this.editing && !this.waiting) {
      this.version = station.version;
      this.waiting = setTimeout(() => {
        this.waiting = null;
        if (!this.element.hidden && !this.editing) this.load();
      }, 2000);
    }
  }

  async load() {
    try {
      this.entries = await get("/variables");
    } catch (error) {
      toast(error.message, "bad");
    }
    this.draw();
  }

  draw() {
    if (this.editing) return;
    const text = this.text.value.trim().toLowerCase();
    const wanted = this.entries.filter((entry) => {
      if (this.writable.checked && !entry.writable) return false;
      return !text || `${nameOf(entry).join(".")} ${entry.value ?? ""}`.toLowerCase().includes(text);
    });
    setText(this.count, this.entries.length ? `${wanted.length} of ${this.entries.length}` : "none without power");
    redraw(this.body, wanted, () => this.rows(wanted));
  }

  rows(entries) {
    let group = null;
    return entries.flatMap((entry) => {
      const [component] = nameOf(entry);
      const head = component === group ? [] : [h("tr", { class: "group" }, h("th", { colspan: 5, scope: "rowgroup" }, component))];
      group = component;
      return [...head, this.row(entry)];
    });
  }

  row(entry) {
    const [component, variable] = nameOf(entry);
    const cell = h("td", { class: "value" });
    const hidden = entry.mutability === "WriteOnly";
    const shown = hidden ? "••••••" : entry.value ?? "not set";
    cell.append(entry.writable
      ? h("button", { class: "edit", "aria-label": `Change ${component}.${variable}`, onclick: () => this.edit(cell, entry) }, name(shown || "(empty)"))
      : h("span", { class: "fixed" }, name(shown || "(empty)")));
    const kind = [entry.type, entry.mutability === "ReadWrite" ? "" : entry.mutability, entry.reboot_required ? "after a reboot" : ""];
    return h("tr", null, h("th", { scope: "row" }, name(variable)), cell, h("td", null, entry.unit ?? ""), h("td", { class: "allowed" }, allowed(entry)), h("td", { class: "muted" }, kind.filter(Boolean).join(" · ")));
  }

  edit(cell, entry) {
    this.editing = true;
    const [read, field] = editor(entry);
    const done = () => {
      this.editing = false;
      this.body.shown = null;
      this.load();
    };
    const save = async (event) => {
      event.preventDefault();
      try {
        const outcome = await request("PUT", "/variables", { ...present(entry.key), value: read() });
        toast(`${entry.key.variable}: ${outcome.status}`, outcome.status === "Accepted" ? "good" : "busy");
        done();
      } catch (error) {
        toast(error.message, "bad");
      }
    };
    cell.replaceChildren(h(
      "form",
      { class: "row", onsubmit: save, onkeydown: (event) => event.key === "Escape" && done() },
      field,
      h("button", { type: "submit", class: "primary" }, "Set"),
      h("button", { type: "button", class: "quiet", onclick: done }, "Leave"),
    ));
    cell.querySelector("input, select")?.focus();
  }
}

const present = (key) => Object.fromEntries(Object.entries(key).filter(([, value]) => value !== null));

function allowed(entry) {
  if (entry.values?.length) return entry.values.join(", ");
  if (entry.type === "integer" || entry.type === "decimal") {
    if (entry.min !== null && entry.max !== null) return `${entry.min} to ${entry.max}`;
    if (entry.max !== null) return `up to ${entry.max}`;
    return entry.min === null ? "" : `from ${entry.min}`;
  }
  return entry.type === "string" && entry.max !== null ? `up to ${entry.max} characters` : "";
}

/** Return how to read the new value, and the field for it. */
function editor(entry) {
  const value = entry.value ?? "";
  if (entry.type === "boolean") {
    const box = h("input", { type: "checkbox", checked: value.toLowerCase() === "true" });
    return [() => String(box.checked), h("label", { class: "choice" }, box, " true")];
  }
  if (entry.values?.length && entry.type === "OptionList") {
    const select = h("select", null, entry.values.map((one) => h("option", null, one)));
    select.value = value;
    return [() => select.value, select];
  }
  if (entry.values?.length && (entry.type === "MemberList" || entry.type === "SequenceList")) return list(entry, value);
  const number = entry.type === "integer" || entry.type === "decimal";
  const input = h("input", {
    type: number ? "number" : entry.mutability === "WriteOnly" ? "password" : "text",
    min: number ? entry.min : null,
    max: number ? entry.max : null,
    step: entry.type === "decimal" ? "any" : null,
    maxlength: number ? null : entry.max,
    autocomplete: "new-password",
    value,
  });
  return [() => input.value, input];
}

/** A set as checkboxes; a sequence keeps the order in which its members were ticked. */
function list(entry, value) {
  const ticked = value.split(",").map((one) => one.trim()).filter(Boolean);
  const boxes = entry.values.map((one) => h("label", { class: "choice" }, h("input", {
    type: "checkbox",
    checked: ticked.includes(one),
    onchange: (event) => {
      if (event.target.checked) ticked.push(one);
      else ticked.splice(ticked.indexOf(one), 1);
    },
  }), ` ${one}`));
  return [() => ticked.join(","), h("div", { class: "list" }, boxes)];
}
