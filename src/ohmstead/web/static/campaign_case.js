// One case: why it failed, in the words of the lab, what it rests on, and its wire log.

import { h, setText } from "/static/dom.js";
import { summary } from "/static/summary.js";

const LONG = 4000;
/** The list shows so many characters of a reason. */
const CUT = 300;

export function caseDetails(one) {
  const lines = read(one.log);
  return h(
    "div",
    { class: "stack" },
    one.explanation ? explained(one.explanation) : one.finding && finding(one.finding),
    !one.finding && one.reason.length > CUT && h("p", { class: "why" }, one.reason),
    !one.explanation && one.requirements.length > 0 && h("div", { class: "row" }, h("h3", null, "Requirements"), one.requirements.map((id) => h("span", { class: "chip" }, id))),
    one.notes.length > 0 && h("div", null, h("h3", null, "Notes"), h("ul", { class: "notes" }, one.notes.map((note) => h("li", null, note)))),
    one.disputed.length > 0 && h("div", null, h("h3", null, "Read in two ways"), one.disputed.map(dispute)),
    one.log.length > 0 && log(one, lines),
  );
}

/** What the lab says of a FAIL; terminal and report say the same. */
function explained(why) {
  const also = why.also.map((one, at) => h("section", { class: "stack" }, h("h3", null, `${at + 2}. Also wrong in this case; it may follow from what stands above`), wrong(one)));
  return h("div", { class: "stack" }, wrong(why), also);
}

function wrong(why) {
  const rows = [
    ["Looked at", why.field ? `${why.message}: ${why.field}` : why.message], ["Wanted", why.wanted], ["Got", why.got],
    ["A right station", h("code", { class: "right" }, why.right)], why.reading && ["Read in two ways", why.reading],
  ].filter(Boolean);
  return h(
    "div",
    { class: "stack" },
    h("p", { class: "why" }, why.step),
    h("dl", { class: "facts finding", "aria-label": "What failed" }, rows.map(([name, value]) => [h("dt", null, name), h("dd", null, value)])),
    h("div", null, h("h3", null, "Asked for by"), h("ul", { class: "asked" }, why.requirements.map((one) => h("li", null, h("b", null, one.id), " ", one.text)))),
    h("div", null, h("h3", null, "On the wire, there"), h("ol", { class: "around", "aria-label": "Where it failed" }, why.frames.map(around))),
  );
}

function around(frame) {
  const who = { "<": "station", ">": "lab" }[frame.way] ?? "";
  const lines = frame.lines.map((line, at) => [at > 0 && "\n", line.marked ? h("mark", null, line.text) : line.text]);
  return h(
    "li",
    { class: frame.marked ? "marked" : null },
    h("time", null, frame.at.toFixed(3)),
    h("span", { class: "muted" }, who),
    h("div", null, h("b", null, frame.title), frame.lines.length > 0 && h("pre", null, lines)),
  );
}

function finding(found) {
  const rows = [["Step", found.step], ["Field", found.field], ["Wanted", found.wanted], ["Got", found.got]];
  return h("dl", { class: "facts finding", "aria-label": "What failed" }, rows.map(([name, value]) => [h("dt", null, name), h("dd", null, value)]));
}

/** The specification and the text of the official case do not want the same; the station met one of them. */
function dispute(one) {
  const rows = [
    ["Reading", one.reading], ["Step", one.step], ["Field", one.field], ["Specification", one.specification], ["Official case", one.tool],
    ["Got", one.got], ["Not met", one.fails === "tool" ? "the official case" : "the specification"],
  ];
  return h("dl", { class: "facts dispute" }, rows.map(([name, value]) => [h("dt", null, name), h("dd", null, value)]));
}

/** Make frames of the lines that are some: action, kind, payload. */
function read(log) {
  const calls = new Map();
  return log.map((line) => {
    const frame = line.way === "." ? null : parse(line.text);
    if (!frame) return { ...line, kind: "" };
    const [type, id] = frame;
    if (type === 2) {
      calls.set(line.way + id, { action: frame[2], data: frame[3] });
      return { ...line, kind: "CALL", action: frame[2], data: frame[3] };
    }
    const asked = calls.get((line.way === "<" ? ">" : "<") + id);
    if (type === 3) return { ...line, kind: "CALLRESULT", action: asked?.action ?? "", data: frame[2], asked: asked?.data };
    return { ...line, kind: "CALLERROR", action: asked?.action ?? "", data: { error: frame[2], description: frame[3], details: frame[4] } };
  });
}

function parse(text) {
  try {
    const frame = JSON.parse(text);
    return Array.isArray(frame) && [2, 3, 4].includes(frame[0]) ? frame : null;
  } catch {
    return null;
  }
}

function log(one, lines) {
  const begins = lines.findIndex((line) => line.way === "." && line.text.startsWith(one.id));
  const before = begins > 0 ? lines.slice(0, begins) : [];
  const rows = (some) => h("ol", { class: "trace wirelog" }, some.map((line) => entry(line)));
  const main = rows(lines.slice(before.length));
  main.setAttribute("aria-label", "Wire log");
  if (one.finding) main.append(h("li", { class: "verdict" }, h("p", { class: "why" }, `Step ${one.finding.step} failed here.`)));
  return h(
    "div",
    null,
    h("h3", null, one.finding ? "Wire log, up to the failing step" : "Wire log"),
    before.length > 0 && h("details", { class: "before" }, h("summary", null, `Preparation: ${before.length} ${before.length === 1 ? "line" : "lines"}`), rows(before)),
    main,
  );
}

function entry(line) {
  const at = h("time", null, line.at.toFixed(3));
  if (!line.kind) return h("li", { class: "remark" }, at, h("span", null, line.way === "." ? "" : line.way), h("span", { class: "wrap" }, line.text));
  const received = line.way === "<";
  const text = summary({ ...line, payload: line.text }, line.asked);
  const body = h("div", { class: "body" });
  const fold = h(
    "details",
    {
      class: `${line.kind === "CALL" ? "call" : "answer"} ${line.kind === "CALLERROR" ? "error" : ""}`,
      ontoggle: () => fold.open && !body.firstChild && body.append(json(line)),
    },
    h(
      "summary",
      null,
      at,
      h("span", { class: `arrow ${received ? "sent" : "received"}`, title: received ? "from the station" : "to the station" }, received ? "↗" : "↙", h("span", { class: "sr" }, received ? " from the station " : " to the station ")),
      h("b", null, line.action || line.kind),
      h("span", { class: "text" }, text),
      line.endpoint > 1 ? h("span", { class: "latency" }, `CSMS ${line.endpoint}`) : h("span"),
    ),
    body,
  );
  return h("li", null, fold);
}

function json(line) {
  const whole = JSON.stringify(line.data, null, 2);
  const pre = h("pre", null, whole.slice(0, LONG));
  if (whole.length <= LONG) return pre;
  const more = h("button", { class: "quiet", type: "button", onclick: () => {
    setText(pre, whole);
    more.remove();
  } }, `Show all ${whole.length} characters`);
  return h("div", null, pre, more);
}
