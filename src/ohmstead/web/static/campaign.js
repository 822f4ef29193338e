// The lab beside the station: start a campaign, see its cases come in, open one to see why.

import { get, request } from "/static/api.js";
import { caseDetails } from "/static/campaign_case.js";
import { busy, duration, h, redraw, setText, setStyle, time, toast } from "/static/dom.js";

const BLOCKS = {
  A: "Security", B: "Provisioning", C: "Authorization", E: "Transactions", F: "Remote control", G: "Availability", J: "Meter values",
  K: "Smart charging", L: "Firmware", M: "Certificates", N: "Diagnostics", P: "Data transfer",
};
const KINDS = { PASS: "good", FAIL: "bad", INCONCLUSIVE: "busy", "NOT APPLICABLE": "off" };
const STATES = {
  running: ["Running", "flow"], finished: ["Finished", "good"], stopped: ["Stopped", "busy"], broken: ["Broken off", "bad"],
};
const BENCHES = { memory: "in memory", wire: "over the wire", external: "somebody else's station, run at its terminal" };
const IDLE = "Runs the official test cases on fresh stations of this product, each with an empty store, in processes of their own: "
  + "the station that you see here goes on undisturbed. In memory time is virtual and every case together takes seconds to a minute; "
  + "over the wire all is real, TLS and waiting too, and takes a few minutes.";

const passed = (row) => row.verdict === "PASS";
const off = (row) => row.verdict === "NOT APPLICABLE";

export class Campaign {
  constructor() {
    this.view = null;
    this.rows = [];
    this.items = new Map();
    this.block = "";
    this.element = h("div", { class: "stack wider" }, this.order(), this.results());
    setInterval(() => this.tick(), 500);
    this.draw();
  }

  order() {
    this.bench = h(
      "select",
      { "aria-label": "Bench" },
      h("option", { value: "memory" }, "In memory, virtual time"),
      h("option", { value: "wire" }, "Over the wire, real time"),
    );
    this.blocks = h(
      "select",
      { "aria-label": "Blocks" },
      h("option", { value: "" }, "All blocks"),
      Object.entries(BLOCKS).map(([letter, name]) => h("option", { value: letter }, `${letter} ${name}`)),
    );
    this.cases = h("input", { "aria-label": "Only these cases", placeholder: "or only these: G_01 G_11", spellcheck: "false", autocapitalize: "characters" });
    this.go = h("button", { class: "primary", type: "submit" }, "Start");
    this.halt = h("button", { class: "danger", type: "button", onclick: () => this.stop() }, "Stop");
    this.form = h("form", { class: "row tools", onsubmit: (event) => this.start(event) }, this.bench, this.blocks, this.cases, this.go, this.halt);
    this.state = h("span", { class: "pill" });
    this.about = h("span", { class: "muted" });
    this.bar = h("div", { class: "verdicts", role: "progressbar", "aria-label": "Cases done", "aria-valuemin": "0" });
    this.counts = h("div", { class: "row counts", role: "status" });
    this.elapsed = h("span", { class: "muted elapsed" });
    this.running = h("ul", { class: "running", "aria-label": "Running now" });
    this.idle = h("p", { class: "muted" }, IDLE);
    this.error = h("p", { class: "why", role: "alert" });
    const how = h("div", { class: "stack" }, this.bar, h("div", { class: "row" }, this.counts, this.elapsed), this.running);
    this.how = how;
    return h(
      "section",
      { class: "card", "aria-label": "Campaign" },
      h("header", null, h("h2", null, "Campaign"), this.state, this.about),
      this.form, this.idle, this.error, how,
    );
  }

  results() {
    this.search = h("input", { type: "search", placeholder: "Filter: id, title, reason", "aria-label": "Filter cases", oninput: () => this.filter() });
    this.only = h("input", { type: "checkbox", onchange: () => this.filter() });
    this.chips = h("div", { class: "row chips", role: "group", "aria-label": "Results by block" });
    this.bad = group("Not passed");
    this.good = group("Passed");
    this.none = group("Do not apply");
    this.count = h("span", { class: "muted" });
    this.card = h(
      "section",
      { class: "card", "aria-label": "Cases" },
      h("header", null, h("h2", null, "Cases"), this.count),
      h("div", { class: "row tools" }, this.search, h("label", { class: "choice" }, this.only, " only those not passed")),
      this.chips, this.bad.element, this.good.element, this.none.element,
    );
    return this.card;
  }

  async start(event) {
    event.preventDefault();
    const cases = this.cases.value.split(/[\s,;]+/).filter(Boolean);
    const order = { bench: this.bench.value, block: cases.length ? "" : this.blocks.value, cases };
    await this.ask(this.go, "Starting …", () => request("POST", "/campaign", order));
  }

  async stop() {
    await this.ask(this.halt, "Stopping …", () => request("DELETE", "/campaign"));
  }

  /** One question at a time: a second click, or Enter in a field of the form, asks nothing while an answer is waited for. */
  async ask(button, text, work) {
    if (this.asking) return;
    this.asking = true;
    await busy(button, text, work).catch((error) => toast(error.message, "bad"));
    this.asking = false;
    this.draw();
  }

  /** An event of the stream: how it stands, and the results that it did not bring before. */
  take({ since, campaign }) {
    // A stream that is opened anew begins at the first result: what is open on the page stays open.
    const same = campaign.number === this.view?.number && campaign.began === this.view?.began;
    if (!same) this.forget();
    if (since > this.rows.length) {
      this.reload();
      return;
    }
    const before = same ? this.view.state : "none";
    this.view = campaign;
    this.heard = performance.now();
    for (const row of campaign.cases) if (!this.items.has(row.id)) this.add(row);
    if (campaign.state !== "running" && campaign.state !== before) this.sort();
    this.draw();
    this.follow();
  }

  async reload() {
    const campaign = await get("/campaign").catch(() => null);
    if (campaign) this.take({ since: 0, campaign });
  }

  forget() {
    this.rows = [];
    this.items.clear();
    this.block = "";
    for (const one of [this.bad, this.good, this.none]) one.list.replaceChildren();
  }

  add(row) {
    this.rows.push(row);
    const item = line(row);
    this.items.set(row.id, item);
    this.place(row).list.prepend(item);
    item.hidden = !this.wanted(row);
  }

  place(row) {
    if (off(row)) return this.none;
    return passed(row) ? this.good : this.bad;
  }

  /** Newest first while it runs; in the order of their ids once it is over. */
  sort() {
    const sorted = this.rows.toSorted((one, other) => one.id.localeCompare(other.id));
    for (const row of sorted) this.place(row).list.append(this.items.get(row.id));
  }

  wanted(row) {
    if (this.only.checked && (passed(row) || off(row))) return false;
    if (this.block && row.id[3] !== this.block) return false;
    const text = this.search.value.trim().toLowerCase();
    return !text || `${row.id} ${row.title} ${row.reason} ${row.verdict}`.toLowerCase().includes(text);
  }

  filter() {
    for (const row of this.rows) this.items.get(row.id).hidden = !this.wanted(row);
    this.draw();
  }

  /** The pane is shown, perhaps for a case that a link names: TC_G_01_CS, or G_01. */
  shown([id] = []) {
    this.linked = id ? `TC_${short(id.toUpperCase())}_CS` : null;
    this.draw();
    this.follow();
  }

  /** Open the case of a link once its result is there. */
  follow() {
    const item = this.element.hidden ? null : this.items.get(this.linked);
    if (!item) return;
    this.linked = null;
    item.hidden = false;
    item.closest(".group").open = true;
    const fold = item.querySelector("details");
    fold.open = true;
    fold.querySelector("summary").focus({ preventScroll: true });
    item.scrollIntoView({ block: "start" });
  }

  tick() {
    if (this.element.hidden || !this.view || this.view.state === "none") return;
    const live = this.view.state === "running" ? (performance.now() - this.heard) / 1000 : 0;
    setText(this.elapsed, duration(this.view.seconds + live));
  }

  draw() {
    if (this.element.hidden) return;
    const view = this.view;
    const running = view?.state === "running";
    const any = Boolean(view) && view.state !== "none";
    this.go.disabled = running || !view || Boolean(this.asking);
    this.halt.hidden = !running;
    this.how.hidden = this.card.hidden = !any;
    this.idle.hidden = any;
    this.form.hidden = view?.bench === "external";
    setText(this.idle, view ? IDLE : "This server runs no campaigns.");
    const [text, kind] = STATES[view?.state] ?? ["", ""];
    setText(this.state, text);
    this.state.className = `pill ${kind}`;
    setText(this.error, view?.error ?? "");
    this.error.hidden = !view?.error;
    if (!any) return setText(this.about, "");
    setText(this.about, [view.product, BENCHES[view.bench] ?? view.bench, `began ${time(view.began)}`].join(" · "));
    this.progress(view);
    this.tick();
    redraw(this.running, view.running, () => view.running.slice(0, 8).map((one) => h("li", null, h("b", { class: "mono" }, short(one.id)), h("span", null, one.title))));
    redraw(this.chips, [this.rows.length, this.block, view.number], () => this.blockChips());
    this.tell();
  }

  progress(view) {
    const done = Object.entries(view.counts).filter(([verdict]) => verdict !== "NOT APPLICABLE");
    const sum = done.reduce((total, [, count]) => total + count, 0);
    this.bar.setAttribute("aria-valuemax", view.applicable);
    this.bar.setAttribute("aria-valuenow", sum);
    redraw(this.bar, [view.counts, view.applicable], () => ["FAIL", "INCONCLUSIVE", "PASS"].map((verdict) => {
      const part = h("span", { class: KINDS[verdict] });
      setStyle(part, { width: `${(100 * (view.counts[verdict] ?? 0)) / Math.max(1, view.applicable)}%` });
      return part;
    }));
    redraw(this.counts, [view.counts, view.applicable], () => [
      h("b", null, `${sum} of ${view.applicable}`),
      Object.keys(KINDS).filter((verdict) => view.counts[verdict]).map((verdict) => h("span", { class: `pill ${KINDS[verdict]}` }, `${view.counts[verdict]} ${verdict}`)),
    ]);
  }

  blockChips() {
    const blocks = new Map();
    for (const row of this.rows) {
      if (off(row)) continue;
      const one = blocks.get(row.id[3]) ?? { good: 0, bad: 0 };
      one[passed(row) ? "good" : "bad"] += 1;
      blocks.set(row.id[3], one);
    }
    return [...blocks].sort().map(([letter, one]) => h(
      "button",
      {
        type: "button",
        class: `chip ${one.bad ? "bad" : "good"}`,
        title: BLOCKS[letter],
        "aria-pressed": String(letter === this.block),
        onclick: () => {
          this.block = letter === this.block ? "" : letter;
          this.filter();
        },
      },
      h("b", null, letter), ` ${one.good}`, one.bad > 0 && h("span", { class: "wrong" }, `${one.bad} not`),
    ));
  }

  tell() {
    let visible = 0;
    for (const one of [this.bad, this.good, this.none]) {
      const shown = [...one.list.children].filter((item) => !item.hidden).length;
      one.element.hidden = shown === 0;
      setText(one.count, String(shown));
      visible += shown;
    }
    setText(this.count, `${visible} of ${this.rows.length} with a result`);
  }
}

const short = (id) => id.replace(/^TC_/, "").replace(/_CS$/, "");

function group(title) {
  const count = h("span", { class: "muted" });
  const list = h("ol", { class: "cases", "aria-label": title });
  return { count, list, element: h("details", { class: "group", open: title !== "Do not apply" }, h("summary", null, h("h3", null, title), count), list) };
}

function line(row) {
  const body = h("div", { class: "body" });
  const fold = h(
    "details",
    { class: "case", ontoggle: () => opened(row, fold, body) },
    h(
      "summary",
      null,
      h("span", { class: "mono id" }, short(row.id)),
      h("span", { class: "what" }, h("span", { class: "title" }, row.title), row.reason && h("span", { class: "reason" }, row.reason)),
      h("span", { class: `pill ${KINDS[row.verdict] ?? "busy"}` }, row.verdict),
      h("span", { class: "muted took" }, off(row) ? "" : `${row.seconds.toFixed(1)} s`),
    ),
    body,
  );
  return h("li", { "data-case": row.id }, fold);
}

/** The address says which case is open, so that it can be passed on. */
function opened(row, fold, body) {
  if (!fold.open) return;
  history.replaceState(null, "", `#operator/campaign/${row.id}`);
  if (!body.firstChild) fetchDetails(row, body);
}

async function fetchDetails(row, body) {
  body.replaceChildren(h("p", { class: "muted" }, "Loading …"));
  try {
    body.replaceChildren(caseDetails(await get(`/campaign/cases/${row.id}`)));
  } catch (error) {
    body.replaceChildren(h("p", { class: "why" }, error.message));
  }
}
