// Sends any command that a CSMS may send, from a form made of its schema or as raw JSON.

import { get, request } from "/static/api.js";
import { busy, h, redraw, setText, time, toast } from "/static/dom.js";
import { FirmwareMaker, jobs } from "/static/files.js";
import { schemaForm } from "/static/schema_form.js";

const FREQUENT = ["RequestStartTransaction", "RequestStopTransaction", "SetVariables", "GetVariables", "GetBaseReport", "ChangeAvailability", "TriggerMessage", "Reset", "UnlockConnector", "GetLog", "UpdateFirmware"];
const OF_FILES = ["GetLog", "UpdateFirmware"];

export class Commands {
  constructor() {
    this.schemas = {};
    this.station = h("select", { "aria-label": "Station" });
    this.action = h("select", { "aria-label": "Command", onchange: () => this.choose() });
    this.raw = h("input", { type: "checkbox", onchange: () => this.swap() });
    this.fields = h("div", { class: "fields" });
    this.protocol = h("select", { "aria-label": "Protocol of the file", onchange: () => this.choose() });
    this.where = h("p", { class: "muted" });
    this.maker = new FirmwareMaker((made) => this.fill(made));
    this.about = h("div", { class: "stack filed", hidden: true }, this.maker.element, this.where, h("label", { class: "line" }, h("span", null, "Protocol"), this.protocol));
    this.jobs = h("ul", { class: "logs", "aria-label": "Logs and updates" });
    this.text = h("textarea", { class: "mono raw", rows: 12, spellcheck: "false", "aria-label": "Payload as JSON" });
    this.send = h("button", { class: "primary", type: "submit" }, "Send");
    this.answers = h("div", { class: "answers", "aria-live": "polite" });
    this.none = h("p", { class: "muted", hidden: true }, "This station speaks to an external CSMS; commands come from there.");
    this.form = h(
      "form",
      { class: "card", onsubmit: (event) => this.submit(event), "aria-label": "Command" },
      h("header", null, h("h2", null, "Command")),
      h("div", { class: "row tools" }, this.action, this.station, h("label", { class: "choice" }, this.raw, " raw JSON")),
      this.about,
      this.fields,
      this.text,
      h("div", { class: "row" }, this.send),
    );
    this.text.hidden = true;
    this.element = h("div", { class: "grid two" }, this.form, h("section", { class: "card", "aria-label": "Answers" }, h("header", null, h("h2", null, "Answers")), this.none, this.jobs, this.answers));
  }

  /** `commands/UpdateFirmware/3`: a command, with a firmware that was made. */
  async shown([action, firmware] = []) {
    await this.load();
    if (this.schemas[action]) this.action.value = action;
    const made = this.files?.firmware.find((one) => String(one.id) === firmware);
    if (made) this.firmware = made;
    if (this.schemas[action]) this.choose();
  }

  async load() {
    if (this.action.options.length) return;
    try {
      this.schemas = await get("/csms/commands");
      this.files = await get("/files").catch(() => null);
    } catch {
      this.form.hidden = true;
      this.none.hidden = false;
      return;
    }
    this.form.hidden = false;
    this.none.hidden = true;
    const names = Object.keys(this.schemas).sort();
    const group = (label, list) => h("optgroup", { label }, list.map((name) => h("option", { value: name }, name)));
    this.action.append(group("Often", FREQUENT.filter((name) => this.schemas[name])), group("All others", names.filter((name) => !FREQUENT.includes(name))));
    this.choose();
  }

  update({ station, csms, files }) {
    this.view = station;
    this.csms = csms;
    if (files?.places.length) this.files = files;
    this.maker.update(this.files, station);
    const asked = OF_FILES.includes(this.action.value) ? (csms?.file_jobs ?? []).filter((job) => job.action === this.action.value).slice(0, 3) : [];
    redraw(this.jobs, [asked, files?.logs], () => jobs(asked, files));
    const known = csms?.stations ?? [];
    const chosen = this.station.value || station.identity;
    if (redraw(this.station, known.map((one) => [one.identity, one.connected]), () => known.map((one) => h("option", { value: one.identity }, one.identity + (one.connected ? "" : " (offline)"))))) {
      this.station.value = chosen;
    }
    this.station.hidden = known.length < 2;
  }

  hints() {
    const running = [...(this.csms?.transactions ?? [])].filter((one) => !one.ended_at).map((one) => one.transaction_id);
    const tokens = (this.csms?.tokens ?? []).map((card) => card.id_token);
    const number = Math.floor(Date.now() / 1000) % 1_000_000_000;
    const evses = (this.view?.evses ?? []).map((evse) => evse.id);
    return { idToken: tokens, transactionId: running, requestId: [number], remoteStartId: [number], evseId: evses, connectorId: [1] };
  }

  choose() {
    const schema = this.schemas[this.action.value];
    if (!schema) return;
    const root = schema.$ref ? { ...schema, ...schema.$defs[schema.$ref.split("/").pop()] } : schema;
    delete root.$ref;
    this.aim();
    this.part = schemaForm(root, this.hints(), this.initial());
    const nothing = !this.part.element.children.length;
    this.fields.replaceChildren(nothing ? h("p", { class: "muted" }, "It takes no fields.") : this.part.element);
    if (this.raw.checked) this.swap();
  }

  /** Say where the file of a command goes, or comes from. */
  aim() {
    const action = this.action.value;
    this.about.hidden = !OF_FILES.includes(action);
    if (this.about.hidden) return;
    const places = this.files?.places ?? [];
    redraw(this.protocol, places.map((one) => one.protocol), () => places.map((one) => h("option", null, one.protocol)));
    this.protocol.parentElement.hidden = places.length < 2;
    this.maker.element.hidden = action !== "UpdateFirmware";
    const missing = this.files?.not_served ? ` ${this.files.not_served}.` : "";
    if (!places.length) setText(this.where, `No file server here speaks what this station does: the file needs a server of your own.${missing}`);
    else if (action === "GetLog") setText(this.where, `The log comes to this program, and is shown here and under Files.${missing}`);
    else if (!this.firmware) setText(this.where, `Firmware that is made here is filled in below.${missing}`);
    else setText(this.where, `Version ${this.firmware.version}. The update has to end ${this.firmware.expected}.${missing}`);
  }

  fill(made) {
    this.firmware = made;
    this.choose();
  }

  /** What the form of a command about files starts with; nothing: the example of its schema. */
  initial() {
    const on = (list) => (list.find((one) => one.protocol === this.protocol.value) ?? list[0])?.url;
    const place = on(this.files?.places ?? []);
    if (this.action.value === "GetLog" && place) return { requestId: 1, logType: "DiagnosticsLog", log: { remoteLocation: place } };
    if (this.action.value !== "UpdateFirmware" || !this.firmware) return undefined;
    const { locations, signing_certificate: signingCertificate, signature } = this.firmware;
    const retrieveDateTime = `${new Date().toISOString().slice(0, 19)}Z`;
    return { requestId: 1, firmware: { location: on(locations), retrieveDateTime, signingCertificate, signature } };
  }

  swap() {
    try {
      if (this.raw.checked) this.text.value = JSON.stringify(this.part?.read() ?? {}, null, 2);
    } catch (error) {
      toast(error.message, "bad");
    }
    this.text.hidden = !this.raw.checked;
    this.fields.hidden = this.raw.checked;
    for (const field of this.fields.querySelectorAll("input, select, textarea")) field.disabled = this.raw.checked;
  }

  async submit(event) {
    event.preventDefault();
    const action = this.action.value;
    const station = this.station.value || this.view?.identity;
    let payload;
    try {
      payload = this.raw.checked ? JSON.parse(this.text.value || "{}") : this.part.read() ?? {};
    } catch (error) {
      toast(`not sent: ${error.message}`, "bad");
      return;
    }
    await busy(this.send, "Waiting …", async () => {
      try {
        const result = await request("POST", `/csms/${encodeURIComponent(station)}/${action}`, payload);
        this.answer(action, payload, result.kind, result.payload, result.latency);
        if (OF_FILES.includes(action) && action === this.action.value && !this.raw.checked) this.choose(); // with a requestId of its own
      } catch (error) {
        this.answer(action, payload, "not sent", JSON.stringify(error.message), null);
      }
    });
  }

  answer(action, payload, kind, text, latency) {
    let data = text;
    try {
      data = JSON.parse(text);
    } catch {
      // Shown as it came.
    }
    const status = data?.status ?? data?.setVariableResult?.[0]?.attributeStatus ?? data?.getVariableResult?.[0]?.attributeStatus;
    const good = kind === "CALLRESULT" && !/^(Rejected|Failed|Unknown|NotSupported|NotImplemented)/.test(status ?? "");
    const about = [time(new Date().toISOString()), latency !== null && `${(latency * 1000).toFixed(1)} ms`].filter(Boolean).join(" · ");
    this.answers.prepend(h(
      "article",
      { class: "answer-card" },
      h("div", { class: "row" }, h("b", null, action), h("span", { class: `pill ${good ? "good" : "bad"}` }, status ?? kind), h("span", { class: "muted" }, about)),
      h("pre", null, typeof data === "string" ? data : JSON.stringify(data, null, 2)),
      h("details", null, h("summary", { class: "muted" }, "What was sent"), h("pre", null, JSON.stringify(payload, null, 2))),
    ));
    while (this.answers.children.length > 20) this.answers.lastChild.remove();
  }
}
