// The live message trace: readable lines, JSON on demand, filter, pause, download.

import { save } from "/static/api.js";
import { h, setText } from "/static/dom.js";
import { summary } from "/static/summary.js";

const KEPT = 1000;

export class Trace {
  constructor(listen) {
    this.source = localStorage.getItem("trace-source") ?? "station";
    this.lines = [];
    this.paused = false;
    this.calls = new Map();
    this.text = h("input", { type: "search", placeholder: "Filter: action, text, id", "aria-label": "Filter messages", oninput: () => this.refilter() });
    this.quiet = h("input", { type: "checkbox", checked: true, onchange: () => this.refilter() });
    this.pause = h("button", { type: "button", "aria-pressed": "false", onclick: () => this.toggle() }, "Pause");
    this.from = h(
      "select",
      { "aria-label": "Whose trace", onchange: (event) => this.choose(event.target.value, listen) },
      h("option", { value: "station" }, "Seen by the station"),
      h("option", { value: "csms" }, "Seen by the CSMS"),
    );
    this.from.value = this.source;
    this.download = h("a", { class: "button", download: "" }, "Save as JSON lines");
    this.scenario = h("button", { type: "button", title: "What was done here since the station was started, and what came of it: ohmstead scenario run FILE", onclick: () => save("/scenario.yaml", "session.yaml") }, "Save as scenario");
    this.count = h("span", { class: "muted" });
    this.list = h("ol", { class: "trace", "aria-label": "Messages, newest first" });
    this.element = h(
      "section",
      { class: "card", "aria-label": "Messages" },
      h("header", null, h("h2", null, "Messages"), this.count),
      h("div", { class: "row tools" }, this.text, this.from, h("label", { class: "choice" }, this.quiet, " hide Heartbeat"), this.pause, this.download, this.scenario),
      this.list,
    );
    this.aim();
  }

  choose(source, listen) {
    this.source = source;
    localStorage.setItem("trace-source", source);
    this.aim();
    listen(source);
  }

  aim() {
    this.download.href = this.source === "csms" ? "/api/v1/csms/trace.jsonl" : "/api/v1/trace.jsonl";
  }

  /** A stream begins: the server sends the newest frames again, perhaps counted anew. */
  begin() {
    this.lines = [];
    this.calls.clear();
    this.list.replaceChildren();
    this.tell();
  }

  update({ csms, files, station }) {
    if (station) this.scenario.hidden = !station.hand;
    this.from.hidden = !csms;
    this.list.classList.toggle("filed", Boolean(files));
  }

  add(lines) {
    for (const line of lines) {
      try {
        line.data = JSON.parse(line.payload);
      } catch {
        line.data = null;
      }
      if (line.kind === "CALL") this.calls.set(line.message_id, line.data);
      line.text = summary(line, this.calls.get(line.message_id));
      if (line.kind !== "CALL") this.calls.delete(line.message_id);
      this.lines.push(line);
    }
    if (this.lines.length > KEPT) this.lines.splice(0, this.lines.length - KEPT);
    if (this.calls.size > KEPT) this.calls.clear();
    if (!this.paused) {
      this.list.prepend(...lines.filter((line) => this.wanted(line)).map((line) => this.row(line)).reverse());
      while (this.list.children.length > KEPT) this.list.lastChild.remove();
    }
    this.tell();
  }

  wanted(line) {
    if (this.quiet.checked && line.action === "Heartbeat") return false;
    const text = this.text.value.trim().toLowerCase();
    return !text || `${line.action} ${line.kind} ${line.text} ${line.station} ${line.message_id} ${line.payload}`.toLowerCase().includes(text);
  }

  refilter() {
    this.list.replaceChildren(...this.lines.filter((line) => this.wanted(line)).map((line) => this.row(line)).reverse());
    this.tell();
  }

  /** A log that came is one step away from what says so. */
  row(line) {
    const item = row(line);
    const came = line.kind === "CALL" && line.action === "LogStatusNotification" && line.data?.status === "Uploaded";
    if (came) item.append(h("a", { class: "came", href: `#operator/files/request/${line.data.requestId}` }, `Log of request ${line.data.requestId}`));
    return item;
  }

  toggle() {
    this.paused = !this.paused;
    setText(this.pause, this.paused ? "Go on" : "Pause");
    this.pause.setAttribute("aria-pressed", String(this.paused));
    if (!this.paused) this.refilter();
    this.tell();
  }

  tell() {
    const shown = this.list.children.length;
    const held = this.paused ? ", paused" : "";
    setText(this.count, this.lines.length ? `${shown} of ${this.lines.length}${held}` : "nothing on the wire yet");
  }
}

function row(line) {
  const error = line.kind === "CALLERROR" || line.kind === "unreadable";
  const call = line.kind === "CALL";
  const at = `${new Date(line.at).toLocaleTimeString("en-GB", { hour12: false })}.${String(new Date(line.at).getMilliseconds()).padStart(3, "0")}`;
  const body = h("div", { class: "body" });
  const fold = h(
    "details",
    {
      class: `${call ? "call" : "answer"} ${error ? "error" : ""}`,
      ontoggle: () => fold.open && !body.firstChild && body.append(details(line)),
    },
    h(
      "summary",
      null,
      h("time", { datetime: line.at }, at),
      h("span", { class: `arrow ${line.direction}`, title: `${line.direction} ${line.kind}` }, line.direction === "sent" ? "↗" : "↙", h("span", { class: "sr" }, ` ${line.direction} ${line.kind} `)),
      h("b", null, line.action || line.kind),
      h("span", { class: "text" }, line.text),
      line.latency !== null && h("span", { class: "latency" }, `${(line.latency * 1000).toFixed(line.latency < 0.1 ? 1 : 0)} ms`),
    ),
    body,
  );
  return h("li", null, fold);
}

function details(line) {
  const json = line.data === null ? line.payload : JSON.stringify(line.data, null, 2);
  const copy = h("button", { class: "quiet", onclick: () => navigator.clipboard?.writeText(json) }, "Copy");
  const about = `${line.kind} · ${line.direction} · ${line.station} · ${line.message_id}`;
  return h("div", null, h("div", { class: "row" }, h("span", { class: "muted mono wrap" }, about), copy), h("pre", null, json));
}
