// A form for a JSON schema: required fields first, optional ones folded, nested objects and lists.

import { h } from "/static/dom.js";

/**
 * Build the fields; `read()` returns the value, or undefined for what was left out.
 * `hints` are values by field name, the first is filled in; else `initial` is, or the schema's first example.
 */
export function schemaForm(schema, hints = {}, initial = schema.examples?.[0]) {
  return new Form(schema, hints).field(schema, "", true, initial);
}

class Form {
  constructor(schema, hints) {
    this.defs = schema.$defs ?? {};
    this.hints = hints;
  }

  /** Follow references and drop the null of optional fields. */
  resolve(schema) {
    let one = schema;
    while (one.$ref || one.anyOf || one.allOf) {
      if (one.$ref) one = { ...this.defs[one.$ref.split("/").pop()], ...(one.default !== undefined && { default: one.default }) };
      else one = (one.anyOf ?? one.allOf).find((each) => each.type !== "null") ?? {};
    }
    return one;
  }

  field(schema, name, required, initial) {
    const one = this.resolve(schema);
    const compound = (one.type === "object" && one.properties) || one.type === "array";
    if (compound && !required) return this.maybe(one, name, initial);
    if (one.type === "object" && one.properties) return this.object(one, initial);
    if (one.type === "array") return this.array(one, name, initial);
    if (one.enum) return this.choice(one, name, required, initial);
    if (one.type === "boolean") return this.choice({ enum: [true, false] }, name, required, initial);
    if (one.type === "integer" || one.type === "number") return this.number(one, name, required, initial);
    if (one.type === "string") return this.text(one, name, required, initial);
    return this.raw(name, initial);
  }

  /** What a field starts with: the example, but live values where there are some. */
  first(name, required, initial) {
    const known = this.hints[name]?.[0];
    return known !== undefined && (required || initial !== undefined) ? known : initial;
  }

  /** An optional object or list exists only once somebody adds it: what it requires is then required. */
  maybe(schema, name, initial) {
    const element = h("div", { class: "maybe" });
    let part = null;
    const leave = () => {
      part = null;
      element.replaceChildren(h("button", { type: "button", class: "quiet", onclick: () => enter() }, `+ add ${name}`));
    };
    const enter = (value) => {
      part = this.field(schema, name, true, value);
      const drop = h("button", { type: "button", class: "quiet icon", "aria-label": `Leave out ${name}`, onclick: leave }, "×");
      element.replaceChildren(h("div", { class: "item" }, part.element, drop));
    };
    if (initial === undefined) leave();
    else enter(initial);
    return { element, read: () => part?.read() };
  }

  object(schema, initial) {
    const required = new Set(schema.required ?? []);
    const names = Object.keys(schema.properties).filter((name) => name !== "customData");
    const parts = new Map(names.map((name) => [name, this.field(schema.properties[name], name, required.has(name), initial?.[name])]));
    const line = (name) => labeled(name, parts.get(name), required.has(name));
    const open = (name) => required.has(name) || initial?.[name] !== undefined;
    const optional = names.filter((name) => !open(name));
    const element = h(
      "div",
      { class: "object" },
      names.filter((name) => required.has(name)).map(line),
      names.filter((name) => open(name) && !required.has(name)).map(line),
      optional.length > 0 && h("details", { class: "optional" }, h("summary", null, `Optional: ${optional.join(", ")}`), optional.map(line)),
    );
    const read = () => {
      return Object.fromEntries(names.map((name) => [name, parts.get(name).read()]).filter(([, value]) => value !== undefined));
    };
    return { element, read };
  }

  array(schema, name, initial) {
    const items = [];
    const box = h("div", { class: "items" });
    const add = (value) => {
      const part = this.field(schema.items ?? {}, name, true, value);
      const entry = { part, element: h("div", { class: "item" }, part.element) };
      const drop = h("button", { type: "button", class: "quiet icon", "aria-label": `Remove an entry of ${name}`, onclick: () => {
        items.splice(items.indexOf(entry), 1);
        entry.element.remove();
      } }, "×");
      entry.element.append(drop);
      items.push(entry);
      box.append(entry.element);
    };
    for (let count = 0; count < Math.max(schema.minItems ?? 0, initial?.length ?? 0); count += 1) add(initial?.[count]);
    const element = h("div", { class: "array" }, box, h("button", { type: "button", class: "quiet", onclick: () => add() }, "+ add"));
    return { element, read: () => items.map((entry) => entry.part.read()) };
  }

  choice(schema, name, required, initial) {
    const select = h("select", { name, required }, !required && h("option", { value: "" }, "–"), schema.enum.map((value) => h("option", null, String(value))));
    if (initial !== undefined) select.value = String(initial);
    return { element: select, read: () => schema.enum.find((value) => String(value) === select.value) };
  }

  number(schema, name, required, initial) {
    const input = h("input", {
      type: "number",
      name,
      required,
      min: schema.minimum > -(2 ** 31) ? schema.minimum : null,
      max: schema.maximum < 2 ** 31 - 1 ? schema.maximum : null,
      step: schema.type === "integer" ? 1 : "any",
      value: this.first(name, required, initial) ?? "",
      list: this.hints[name] ? suggestions(name, this.hints[name]) : null,
    });
    return { element: input, read: () => (input.value === "" ? undefined : Number(input.value)) };
  }

  text(schema, name, required, initial) {
    const long = (schema.maxLength ?? 0) > 500;
    const input = h(long ? "textarea" : "input", {
      name,
      required,
      maxlength: schema.maxLength,
      rows: long ? 3 : null,
      list: !long && this.hints[name] ? suggestions(name, this.hints[name]) : null,
      placeholder: schema.format === "date-time" ? "2026-01-31T12:00:00Z" : schema.format ?? null,
      value: this.first(name, required, initial) ?? "",
    });
    const read = () => (input.value === "" && !required ? undefined : input.value);
    if (schema.format !== "date-time") return { element: input, read };
    const now = h("button", { type: "button", class: "quiet", onclick: () => (input.value = `${new Date().toISOString().slice(0, 19)}Z`) }, "now");
    return { element: h("div", { class: "row" }, input, now), read };
  }

  raw(name, initial) {
    const input = h("textarea", { name, rows: 2, placeholder: "JSON", value: initial === undefined ? "" : JSON.stringify(initial) });
    const read = () => {
      if (!input.value.trim()) return undefined;
      try {
        return JSON.parse(input.value);
      } catch {
        throw new Error(`${name} is not JSON`);
      }
    };
    return { element: input, read };
  }
}

function suggestions(name, values) {
  const id = `suggest-${name}`;
  const list = document.getElementById(id) ?? document.body.appendChild(h("datalist", { id }));
  list.replaceChildren(...values.map((value) => h("option", { value })));
  return id;
}

function labeled(name, part, required) {
  const star = required ? h("span", { class: "star", title: "required" }, " *") : null;
  const plain = part.element.matches("input, select, textarea, .row");
  if (plain) return h("label", { class: "line" }, h("span", null, name, star), part.element);
  return h("fieldset", null, h("legend", null, name, star), part.element);
}
