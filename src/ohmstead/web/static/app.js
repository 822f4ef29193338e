// Joins the two views to the live stream.

import { Live, get } from "/static/api.js";
import { readable, setText } from "/static/dom.js";
import { warning } from "/static/faults.js";
import { Operator } from "/static/operator.js";
import { HANDLESS } from "/static/physical.js";
import { Station } from "/static/station.js";

const $ = (id) => document.getElementById(id);
const state = { station: null, lease: null, csms: null, files: null };
const station = new Station($("station"));
const operator = new Operator($("operator"), (source) => live.open(source));

const live = new Live({
  open(source) {
    $("lost").hidden = true;
    operator.begin(source);
    loadCurves();
  },
  lost() {
    $("lost").hidden = false;
    document.body.classList.add("stale");
    setText($("link"), "No server");
    $("link").className = "pill bad";
  },
  state(event) {
    $("lost").hidden = true;
    document.body.classList.remove("stale");
    const first = state.station === null;
    state.station = event.station;
    state.lease = event.lease;
    if (first) loadCurves();
    draw();
  },
  csms(event) {
    state.csms = event;
    draw();
  },
  files(event) {
    state.files = event;
    draw();
  },
  campaign(event) {
    operator.campaign(event);
  },
  trace(lines) {
    operator.frames(lines);
  },
});

async function loadCurves() {
  for (const evse of state.station?.evses ?? []) {
    const points = await get(`/station/evses/${evse.id}/curve`).catch(() => []);
    station.load(evse.id, points);
  }
}

let asked = false;
function draw() {
  if (asked || !state.station || document.body.classList.contains("stale")) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    header();
    if (tab() === "operator") operator.update(state);
    else station.update(state);
  });
}

function header() {
  const view = state.station;
  setText($("identity"), view.identity);
  setText($("product"), `${view.vendor} ${view.model}`);
  document.title = readable(`${view.identity} · Ohmstead`);
  document.body.classList.toggle("handless", !view.hand);
  const [text, kind] = linkState(view);
  setText($("link"), text);
  $("link").className = `pill ${kind}`;
  const wrong = warning(view.protocol_faults);
  $("faults").hidden = !wrong;
  setText($("faults"), wrong);
  const notice = noticeOf(view);
  $("notice").hidden = !notice;
  setText($("notice"), notice);
}

function linkState(view) {
  if (!view.powered) return ["No power", "off"];
  if (view.booting) return ["Starting", "busy"];
  const { state: link, boot_status: boot } = view.connection;
  if (link !== "Connected") return [link === "Connecting" ? "Connecting" : "Offline", link === "Connecting" ? "busy" : "bad"];
  return boot === "Accepted" || !boot ? ["Online", "good"] : [`Boot ${boot}`, "busy"];
}

function noticeOf(view) {
  if (!view.hand) return HANDLESS;
  if (state.lease?.holder) return `The hand is held by ${state.lease.holder}; only the emergency stop works here.`;
  return "";
}

const tab = () => (location.hash.startsWith("#operator") ? "operator" : "station");

function route() {
  for (const name of ["station", "operator"]) $(name).hidden = tab() !== name;
  for (const link of document.querySelectorAll("[data-tab]")) {
    if (link.dataset.tab === tab()) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (tab() === "operator") operator.show(location.hash.slice("#operator/".length));
  live.open(tab() === "operator" ? operator.source : "none");
  draw();
}

function theme(choice) {
  const dark = choice ? choice === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  setText($("theme"), dark ? "☀" : "☾");
}

$("theme").addEventListener("click", () => {
  const choice = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem("theme", choice);
  theme(choice);
  station.repaint();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  theme(localStorage.getItem("theme"));
  station.repaint();
});
addEventListener("hashchange", route);
theme(localStorage.getItem("theme"));
route();
