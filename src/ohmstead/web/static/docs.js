// Shows the OpenAPI document of this server, without anything from elsewhere.

import { h, setText, toast } from "/static/dom.js";
import { warning } from "/static/faults.js";

const TONES = { get: "flow", post: "good", put: "busy", delete: "bad" };
const theme = localStorage.getItem("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
document.documentElement.dataset.theme = theme;

const root = document.getElementById("docs");
const api = await (await fetch("/api/v1/openapi.json")).json();
const schemas = api.components?.schemas ?? {};

const code = (text) => text.split("`").map((part, index) => (index % 2 ? h("code", null, part) : part));

function resolve(schema) {
  if (schema?.$ref) return schemas[schema.$ref.split("/").pop()] ?? {};
  const real = (schema?.oneOf ?? schema?.anyOf)?.filter((one) => one.type !== "null");
  return real?.length === 1 ? { ...resolve(real[0]), description: schema.description ?? real[0].description } : schema ?? {};
}

function kind(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop().split("_").pop();
  const several = schema.oneOf ?? schema.anyOf;
  if (several) return several.map(kind).join(" or ");
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  if (schema.type === "array") return `[${kind(schema.items ?? schema.prefixItems?.[0])}]`;
  if (Array.isArray(schema.type)) return schema.type.join(" or ");
  return [schema.type ?? "any", schema.format].filter(Boolean).join(", ");
}

function limits(schema) {
  const one = resolve(schema);
  const words = [
    one.minimum !== undefined && `from ${one.minimum}`,
    one.maximum !== undefined && `to ${one.maximum}`,
    one.maxLength !== undefined && `at most ${one.maxLength} characters`,
  ];
  return words.filter(Boolean).join(", ");
}

function fields(schema) {
  const one = resolve(schema);
  if (!one.properties) return h("p", { class: "muted" }, kind(schema));
  const required = new Set(one.required ?? []);
  return h("div", { class: "scroll" }, h("table", null, h("tbody", null, Object.entries(one.properties).map(([name, part]) => h(
    "tr",
    null,
    h("td", null, name, required.has(name) && h("span", { class: "star", title: "required" }, " *")),
    h("td", null, kind(part)),
    h("td", { class: "muted" }, code([part.description ?? resolve(part).description, limits(part)].filter(Boolean).join(" · "))),
  )))));
}

function example(schema, depth = 0) {
  const one = resolve(schema);
  if (one.default !== undefined && one.default !== null) return one.default;
  if (one.enum) return one.enum[0];
  if (one.properties && depth < 4) {
    return Object.fromEntries((one.required ?? []).map((name) => [name, example(one.properties[name], depth + 1)]));
  }
  return { integer: one.minimum ?? 1, number: 1, boolean: true, array: [], string: "" }[one.type] ?? {};
}

function operation(path, method, op) {
  const body = op.requestBody?.content?.["application/json"]?.schema;
  const good = Object.entries(op.responses).find(([status]) => status.startsWith("2"));
  const answer = good && Object.values(good[1].content ?? {})[0]?.schema;
  const parameters = op.parameters ?? [];
  return h(
    "details",
    { class: "op", id: op.operationId },
    h("summary", null, h("span", { class: `verb ${TONES[method] ?? ""}` }, method.toUpperCase()), h("span", { class: "path" }, path), h("span", { class: "muted" }, op.summary ?? "")),
    h(
      "div",
      { class: "inside" },
      op.description && h("p", null, code(op.description)),
      parameters.length > 0 && [h("h3", null, "Parameters"), h("div", { class: "scroll" }, h("table", null, h("tbody", null, parameters.map((one) => h(
        "tr",
        null,
        h("td", null, one.name, one.required && h("span", { class: "star" }, " *")),
        h("td", null, `${one.in}, ${kind(one.schema)}`),
        h("td", { class: "muted" }, code(one.description ?? "")),
      )))))],
      body && [h("h3", null, "Body"), fields(body)],
      good && [h("h3", null, `Answer ${good[0]}`), answer ? fields(answer) : h("p", { class: "muted" }, "nothing")],
      trial(path, method, parameters, body),
    ),
  );
}

function trial(path, method, parameters, body) {
  const asked = parameters.filter((one) => one.in !== "header");
  const inputs = new Map(asked.map((one) => [one, h("input", { placeholder: one.name, required: one.required, "aria-label": one.name })]));
  const text = body && h("textarea", { class: "mono", rows: 5, "aria-label": "Body" });
  if (text) text.value = JSON.stringify(example(body), null, 2);
  const out = h("pre", { hidden: true });
  const curl = h("pre");
  const target = () => {
    let filled = path;
    const query = new URLSearchParams();
    for (const [one, input] of inputs) {
      if (one.in === "path") filled = filled.replace(`{${one.name}}`, encodeURIComponent(input.value));
      else if (input.value) query.set(one.name, input.value);
    }
    return query.size ? `${filled}?${query}` : filled;
  };
  const show = () => {
    const data = text ? ` \\\n  -H 'Content-Type: application/json' -d '${text.value.replace(/\s+/g, " ")}'` : "";
    setText(curl, `curl${method === "get" ? "" : ` -X ${method.toUpperCase()}`} ${location.origin}${target()}${data}`);
  };
  const send = async (event) => {
    event.preventDefault();
    if (path.endsWith("/events")) return toast("Open the stream with curl -N; it never ends.", "busy");
    const response = await fetch(target(), { method: method.toUpperCase(), body: text?.value, headers: text ? { "Content-Type": "application/json" } : {} });
    const answer = await response.text();
    let shown = answer;
    try {
      shown = JSON.stringify(JSON.parse(answer), null, 2);
    } catch {
      // JSON lines and nothing at all are shown as they are.
    }
    out.hidden = false;
    setText(out, `${response.status} ${response.statusText}\n${shown.slice(0, 20000)}`);
  };
  show();
  return h(
    "form",
    { onsubmit: send, oninput: show },
    h("h3", null, "Try it"),
    inputs.size > 0 && h("div", { class: "row tools" }, [...inputs.values()]),
    text,
    h("div", { class: "row" }, h("button", { class: "primary" }, "Send")),
    curl,
    out,
  );
}

const groups = new Map();
for (const [path, methods] of Object.entries(api.paths)) {
  for (const [method, op] of Object.entries(methods)) {
    const tag = op.tags?.[0] ?? "Other";
    groups.set(tag, [...(groups.get(tag) ?? []), operation(path, method, op)]);
  }
}
root.replaceChildren(
  h("h1", null, `${api.info.title}, version ${api.info.version}`),
  h("p", null, code(api.info.description ?? "")),
  h("p", { class: "muted" }, "The machine-readable form: ", h("a", { href: "/api/v1/openapi.json" }, "/api/v1/openapi.json")),
  ...["Station", "Hand", "Preparation", "Faults", "CSMS", "Lab", "Other"].filter((tag) => groups.has(tag)).flatMap((tag) => [h("h2", null, tag), ...groups.get(tag)]),
);
new EventSource("/api/v1/events").addEventListener("state", (event) => {
  const banner = document.getElementById("faults");
  const wrong = warning(JSON.parse(event.data).station.protocol_faults);
  banner.hidden = !wrong;
  setText(banner, wrong);
});
if (location.hash) document.getElementById(location.hash.slice(1))?.setAttribute("open", "");
