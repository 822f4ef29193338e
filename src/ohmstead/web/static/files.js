// Logs that came from the station, and firmware that is made for it.

import { get, request } from "/static/api.js";
import { busy, h, redraw, setText, time, toast } from "/static/dom.js";

const LONGEST = 400_000;
export const KINDS = [
  ["Good", "good"],
  ["BadSignature", "wrong on purpose: signature of another file"],
  ["UntrustedSigner", "wrong on purpose: signed by a stranger"],
  ["BrokenAtInstall", "wrong on purpose: damaged image"],
  ["DoesNotBoot", "wrong on purpose: does not boot"],
  ["DoesNotConnect", "wrong on purpose: does not reach the CSMS"],
];
const GOOD = ["Uploaded", "Installed"];
const GOING = ["Uploading", "Downloading", "Downloaded", "DownloadScheduled", "DownloadPaused", "SignatureVerified", "InstallScheduled", "Installing", "InstallRebooting"];

export const size = (bytes) => (bytes < 10_000 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
const day = (text) => new Date(text).toLocaleDateString("en-GB", { day: "numeric", month: "short" });
const logAt = (log) => `/api/v1/files/logs/${log.id}`;

export function pill(job) {
  const text = job.status ?? job.answer;
  const kind = GOOD.includes(text) ? "good" : GOING.includes(text) || text.startsWith("Accepted") ? "busy" : "bad";
  return h("span", { class: `pill ${kind}` }, text);
}

export const logOf = (files, job) => files?.logs.find((log) => log.station === job.station && log.request_id === job.request_id);

function links(log) {
  return [
    h("a", { class: "button", href: `#operator/files/${log.id}`, "aria-label": `View ${log.name}` }, "View"),
    h("a", { class: "button", href: logAt(log), download: log.name, "aria-label": `Download ${log.name}` }, "Download"),
  ];
}

/** What became of the newest logs and updates that were asked for. */
export function jobs(list, files) {
  return list.map((job) => {
    const log = job.action === "GetLog" ? logOf(files, job) : null;
    return h(
      "li",
      null,
      h("div", { class: "row" }, h("b", null, `${job.action} ${job.request_id}`), pill(job), h("span", { class: "muted" }, [job.log_type, time(job.asked_at)].filter(Boolean).join(" · "))),
      log && h("div", { class: "row" }, h("span", { class: "mono wrap" }, log.name), h("span", { class: "muted" }, size(log.size)), links(log)),
    );
  });
}

/** Makes firmware: fields and a button; `made` hears of the result. */
export class FirmwareMaker {
  constructor(made) {
    this.made = made;
    this.version = h("input", { "aria-label": "Version of the firmware", required: true, pattern: "[A-Za-z0-9._+\\-]{1,50}", title: "1 to 50 characters of A-Z a-z 0-9 . _ + -", spellcheck: "false" });
    this.kind = h("select", { "aria-label": "Kind of firmware" }, KINDS.map(([value, text]) => h("option", { value }, text)));
    this.go = h("button", { type: "button", onclick: () => this.make() }, "Make firmware");
    this.why = h("p", { class: "muted" });
    this.fields = h("div", { class: "row make" }, this.version, this.kind, this.go);
    this.element = h("div", { class: "stack" }, this.fields, this.why);
  }

  update(files, station) {
    const problem = !files ? "No file servers here." : files.not_signed;
    this.fields.hidden = Boolean(problem);
    setText(this.why, problem ? `No firmware can be made here: ${problem}.` : "Signed by a manufacturer whose root this station has.");
    if (!this.version.value && station?.firmware) this.version.value = next(station.firmware);
  }

  async make() {
    if (!this.version.reportValidity()) return;
    await busy(this.go, "Making …", async () => {
      try {
        const made = await request("POST", "/files/firmware", { version: this.version.value, kind: this.kind.value });
        this.version.value = next(made.version);
        this.made(made);
      } catch (error) {
        toast(error.message, "bad");
      }
    });
  }
}

/** 1.4.2 -> 1.4.3; what has no number at its end gets one. */
function next(version) {
  const plain = version.replace(/[^A-Za-z0-9._+-]/g, "_").slice(0, 46);
  return /\d+$/.test(plain) ? plain.replace(/\d+$/, (digits) => String(Number(digits) + 1)) : `${plain}-2`;
}

export class Files {
  constructor() {
    this.view = null;
    this.list = h("ul", { class: "logs" });
    this.none = h("p", { class: "muted" });
    this.jobs = h("ul", { class: "logs" });
    this.noJobs = h("p", { class: "muted" }, "Nothing was asked for yet: GetLog and UpdateFirmware are among the commands.");
    this.places = h("div");
    this.firmware = h("ul", { class: "logs" });
    this.maker = new FirmwareMaker((made) => this.use(made));
    this.name = h("h2", { tabindex: -1 });
    this.about = h("span", { class: "muted" });
    this.text = h("pre", { class: "log", tabindex: 0, "aria-label": "Text of the log" });
    this.tools = h("div", { class: "row tools" });
    this.reader = h("section", { class: "card", "aria-label": "Log", hidden: true }, h("header", null, this.name, this.about), this.tools, this.text);
    const card = (title, ...parts) => h("section", { class: "card", "aria-label": title }, h("header", null, h("h2", null, title)), parts);
    this.cards = h(
      "div",
      { class: "grid" },
      h("div", { class: "stack wider" }, card("Logs that came", this.none, this.list), card("Asked for", this.noJobs, this.jobs)),
      h("div", { class: "stack wider" }, card("Firmware", this.maker.element, this.firmware), card("Where files go", this.places)),
    );
    this.absent = h("p", { class: "muted", hidden: true }, "This station speaks to an external CSMS; its files go where that one says.");
    this.element = h("div", null, this.absent, this.reader, this.cards);
  }

  /** `files/3` shows a log, `files/request/17` the one that answers a GetLog. */
  async shown([first, second] = []) {
    try {
      this.take(await get("/files"));
    } catch {
      this.cards.hidden = this.reader.hidden = true;
      this.absent.hidden = false;
      return;
    }
    const log = this.view.logs.find((one) => (first === "request" ? String(one.request_id) === second : String(one.id) === first));
    this.reader.hidden = !first;
    this.cards.hidden = Boolean(first);
    if (first) await this.read(log);
  }

  async read(log) {
    setText(this.name, log ? log.name : "There is no such log");
    setText(this.about, log ? about(log) : "It has made room for newer ones, or was removed.");
    const back = h("a", { class: "button", href: "#operator/files" }, "All files");
    this.tools.replaceChildren(back, ...(log ? [links(log)[1], h("button", { class: "danger", onclick: () => this.remove(log) }, "Remove")] : []));
    setText(this.text, "");
    this.text.hidden = !log;
    this.name.focus({ preventScroll: true });
    if (!log) return;
    const answer = await fetch(logAt(log));
    const text = answer.ok ? await answer.text() : "It cannot be read.";
    const more = text.length > LONGEST ? `\n… and ${size(text.length - LONGEST)} more: download it.` : "";
    setText(this.text, text.slice(0, LONGEST) + more);
  }

  async remove(log) {
    try {
      await request("DELETE", `/files/logs/${log.id}`);
      location.hash = "#operator/files";
    } catch (error) {
      toast(error.message, "bad");
    }
  }

  use(made) {
    location.hash = `#operator/commands/UpdateFirmware/${made.id}`;
  }

  take(files) {
    this.view = files;
    redraw(this.list, files.logs, () => files.logs.map((log) => h(
      "li",
      null,
      h("div", { class: "mono wrap" }, log.name),
      h("div", { class: "row" }, h("span", { class: "muted grow" }, about(log)), links(log)),
    )));
    setText(this.none, files.logs.length ? "" : "None yet. GetLog, among the commands, is filled in so that its log comes here.");
    this.none.hidden = files.logs.length > 0;
    redraw(this.places, [files.places, files.not_served], () => [
      files.places.length > 0 && h("dl", { class: "facts" }, files.places.map((one) => [h("dt", null, one.protocol), h("dd", { class: "mono" }, one.url)])),
      files.not_served && h("p", { class: "muted" }, `${files.not_served}.`),
    ]);
    redraw(this.firmware, files.firmware, () => files.firmware.map((one) => h(
      "li",
      null,
      h("div", { class: "row" }, h("b", null, one.version), h("span", { class: "muted grow" }, `${KINDS.find(([kind]) => kind === one.kind)[1]} · has to end ${one.expected}`),
        h("a", { class: "button", href: `#operator/commands/UpdateFirmware/${one.id}`, "aria-label": `Use firmware ${one.version}` }, "Use")),
    )));
  }

  update({ station, csms, files }) {
    if (files) this.take({ ...files, places: files.places.length ? files.places : this.view?.places ?? [] });
    this.maker.update(files, station);
    const asked = csms?.file_jobs ?? [];
    this.noJobs.hidden = asked.length > 0;
    redraw(this.jobs, asked, () => jobs(asked, null));
  }
}

function about(log) {
  const from = log.request_id === null ? "no GetLog that is known" : `GetLog ${log.request_id}, ${log.log_type}`;
  return `${size(log.size)} · ${day(log.at)} ${time(log.at)} · ${from}`;
}
