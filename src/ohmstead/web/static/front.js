// The drawing of the station's front. What can be touched lies over it as real buttons.

import { hand } from "/static/api.js";
import { INLET, car } from "/static/cars.js";
import { h, redraw, s, setStyle, setText } from "/static/dom.js";
import { condition, kept } from "/static/station.js";

const NARROW = 560;
/** So many bays fit beside the cabinet; of a station with more EVSEs, the drawing shows the cabinet alone. */
const BAYS = 8;
/** Milliseconds in which what follows from one event has come. */
const SETTLED = 400;
const CLOCK = /^\d{2} \p{L}+ \d{4}, \d{2}:\d{2}$/u;
const FIGURES = /, [\d.]+ kWh|, \d+ %|, (\d+ days?, )?\d+:\d{2}:\d{2}/g;

/** What a screen reader says of a display: without the time of day. */
function spokenOf(view, screen) {
  if (!view.powered) return "The display is dark: no power.";
  if (!screen) return view.booting ? "Starting" : "";
  return [screen.headline, ...screen.lines.filter((line) => !CLOCK.test(line)), ...screen.options.map(([, text]) => text)].join(". ");
}

/** Where everything is, in units of the drawing. Odd EVSEs stand left, even ones right. */
function plan(count, narrow) {
  const rows = Math.max(1, Math.ceil(count / 2));
  const [width, cabinet, size] = narrow
    ? [440, { x: 80, y: 14, w: 280, h: 468 }, 0.64]
    : [900, { x: 305, y: 16, w: 290, h: 470 }, 0.92];
  const ground = narrow ? 632 : 510;
  const height = ground + 22 + (narrow ? (rows - 1) * 130 : 0);
  // However many rows there are, the bays of the last one are in the picture.
  const step = Math.min(165, (ground - 110) / Math.max(1, rows - 1));
  const horizon = narrow ? cabinet.y + cabinet.h - 24 : Math.max(20, ground - 120 - (rows - 1) * (step - 15));
  const bays = Array.from({ length: count }, (_, index) => {
    const left = index % 2 === 0;
    const row = Math.floor(index / 2);
    const floor = narrow ? ground + row * 130 : ground - row * step;
    const scale = narrow || row === 0 ? size : 0.8;
    const edge = 14;
    // On a narrow screen the cars stand below the cabinet, and their inlets point outwards.
    const inset = edge + (narrow ? 300 - INLET.x : INLET.x) * scale;
    const inlet = left ? inset : width - inset;
    const side = left ? cabinet.x : cabinet.x + cabinet.w;
    const out = left ? -1 : 1;
    return {
      left, floor, scale, edge, out,
      inlet: { x: inlet, y: floor - (117 - INLET.y) * scale },
      holster: { x: side + out * 15, y: cabinet.y + 236 + row * 70 },
      outlet: { x: side - out * 4, y: cabinet.y + (narrow ? 420 : 340) - row * 26 },
      led: { x: left ? cabinet.x + 9 : cabinet.x + cabinet.w - 15, y: cabinet.y + 58 + row * 100, h: rows > 1 ? 88 : 178 },
    };
  });
  return { width, height, ground, cabinet, bays, narrow, horizon };
}

const option = ([id, text]) => h("button", { onclick: () => hand("choose", { option: id }), "data-option": id }, text);
const part = (value, whole) => `${(100 * value) / whole}%`;

export class Front {
  constructor(toggle) {
    this.toggle = toggle;
    this.element = h("div", { class: "scene" });
    this.ends = new Map();
    new ResizeObserver(() => this.view && this.resize()).observe(this.element);
  }

  resize() {
    this.update(this.view);
    for (const display of this.display.children) this.fit(display);
  }

  update(view) {
    this.view = view;
    const narrow = this.element.clientWidth > 0 && this.element.clientWidth < NARROW;
    const count = view.evses.length > BAYS ? 0 : view.evses.length;
    if (this.plan?.narrow !== narrow || this.plan?.bays.length !== count) this.build(plan(count, narrow), view);
    this.element.classList.toggle("dark-station", !view.powered);
    this.element.classList.toggle("stopped", view.emergency_stop);
    view.evses.slice(0, count).forEach((evse, index) => this.bay(view, evse, index));
    this.screens(view);
    this.stop.setAttribute("aria-pressed", String(view.emergency_stop));
    const label = view.emergency_stop ? "Release the emergency stop" : "Press the emergency stop";
    if (this.stop.getAttribute("aria-label") !== label) {
      this.stop.setAttribute("aria-label", label);
      this.stop.title = label;
    }
  }

  build(map, view) {
    this.plan = map;
    this.ends.clear();
    setStyle(this.element, { "aspect-ratio": `${map.width} / ${map.height}`, "--horizon": part(map.horizon, map.height) });
    const { cabinet, ground } = map;
    this.bays = map.bays.map((bay) => this.buildBay(bay));
    this.display = h("div", { class: "displays" });
    this.spoken ??= h("p", { class: "sr", "aria-live": "polite", "data-spoken": "" });
    this.place(this.display, { x: cabinet.x + 30, y: cabinet.y + 54, w: cabinet.w - 60, h: 186 });
    this.stop = h("button", { class: "hot stop", "data-touch": "", onclick: () => hand("emergency-stop", { pressed: !this.view.emergency_stop }) });
    this.place(this.stop, { x: cabinet.x + cabinet.w / 2 - 32, y: cabinet.y + cabinet.h - 112, w: 64, h: 64 });
    const drawing = s(
      "svg",
      { viewBox: `0 0 ${map.width} ${map.height}`, "aria-hidden": "true" },
      s("ellipse", { cx: map.width / 2, cy: cabinet.y + cabinet.h + 12, rx: cabinet.w * 0.72, ry: 13, class: "shadow" }),
      this.bays.map((bay) => bay.car),
      this.cabinet(map, view),
      this.bays.map((bay) => [bay.lamp, bay.dock]),
      this.bays.map((bay) => [bay.cable, bay.flow, bay.plug, bay.clasp]),
    );
    this.element.replaceChildren(drawing, this.display, this.spoken, this.stop, ...this.bays.map((bay) => bay.hot));
  }

  cabinet({ cabinet: { x, y, w, h: height } }, view) {
    const middle = x + w / 2;
    const pad = { x: middle - 62, y: y + 256, w: 124, h: 76 };
    const wave = (r) => `M${middle + r * 0.55 - 2} ${pad.y + 38 - r}a${r * 1.35} ${r * 1.35} 0 0 1 0 ${2 * r}`;
    this.pulse = s("rect", { x: pad.x, y: pad.y, width: pad.w, height: pad.h, rx: 14, class: "pulse" });
    return s(
      "g",
      { class: "cabinet" },
      s("defs", null, s(
        "linearGradient",
        { id: "steel", x1: 0, y1: 0, x2: 1, y2: 0 },
        [["0", "edge"], ["0.09", "face"], ["0.91", "face"], ["1", "edge"]].map(([offset, name]) => s("stop", { offset, class: `steel-${name}` })),
      )),
      s("rect", { x: x + 14, y: y + height - 12, width: w - 28, height: 24, rx: 3, class: "plinth" }),
      s("rect", { x, y, width: w, height, rx: 22, fill: "url(#steel)", class: "shell" }),
      s("rect", { x: x + 18, y: y + 14, width: w - 36, height: height - 30, rx: 14, class: "panel" }),
      this.badge(middle, y + 41, w - 56, view.vendor),
      view.displays > 0 && s("rect", { x: x + 24, y: y + 48, width: w - 48, height: 198, rx: 10, class: "bezel" }),
      view.readers.length > 0 && s(
        "g",
        null,
        s("rect", { x: pad.x, y: pad.y, width: pad.w, height: pad.h, rx: 14, class: "pad" }),
        this.pulse,
        s("g", { class: "contactless" },
          s("rect", { x: middle - 36, y: pad.y + 24, width: 34, height: 24, rx: 4 }),
          s("path", { d: `M${middle - 36} ${pad.y + 32}h34` }),
          [7, 13, 19].map((r) => s("path", { d: wave(r) }))),
        s("text", { x: middle, y: pad.y + 69, class: "tiny", "text-anchor": "middle" }, "CARD"),
      ),
      s("circle", { cx: middle, cy: y + height - 80, r: 33, class: "stop-plate" }),
      s("circle", { cx: middle, cy: y + height - 80, r: 21, class: "stop-ring" }),
      s("circle", { cx: middle, cy: y + height - 80, r: 18, class: "stop-knob" }),
      s("text", { x: middle, y: y + height - 33, class: "tiny", "text-anchor": "middle" }, view.model),
    );
  }

  /** The vendor's name without its legal form, in letters that fit. */
  badge(x, y, width, vendor) {
    const name = vendor.replace(/[,.]?\s+(co\.?,?\s*)?(ltd|inc|gmbh|ag|s\.?a|b\.?v|llc|corp|limited)\.?$/i, "").toUpperCase();
    const size = Math.min(14, width / (name.length * 0.84));
    return s("text", { x, y, class: "badge", "text-anchor": "middle", "font-size": size.toFixed(1) }, name);
  }

  buildBay(bay) {
    const begin = bay.left ? bay.edge : this.plan.width - bay.edge - 300 * bay.scale;
    const turned = bay.left === this.plan.narrow;
    const flip = `translate(${begin + (turned ? 300 * bay.scale : 0)} ${bay.floor - 117 * bay.scale}) scale(${turned ? -bay.scale : bay.scale} ${bay.scale})`;
    const evseId = this.plan.bays.indexOf(bay);
    const hot = h("button", { class: "hot bay", "data-touch": "", onclick: () => this.toggle(this.view.evses[evseId].id) });
    this.place(hot, {
      x: begin,
      y: bay.floor - 118 * bay.scale,
      w: 300 * bay.scale,
      h: 118 * bay.scale,
    });
    const { holster, led } = bay;
    return {
      ...bay,
      hot,
      car: s("g", { transform: flip }, s("g", { class: "car" })),
      lamp: s("rect", { x: led.x, y: led.y, width: 6, height: led.h, rx: 3, class: "led" }),
      dock: s("rect", { x: holster.x - 13, y: holster.y - 14, width: 26, height: 52, rx: 9, class: "holster" }),
      clasp: s("g", { class: "clasp", transform: `translate(${holster.x} ${holster.y + 20})` },
        s("path", { d: "M-5 -3v-4a5 5 0 0 1 10 0v4" }),
        s("rect", { x: -8, y: -3, width: 16, height: 12, rx: 3 })),
      cable: s("path", { class: "cable" }),
      flow: s("path", { class: "stream" }),
      plug: s("g", { class: "plug" },
        s("rect", { x: -12, y: -9, width: 30, height: 18, rx: 6 }),
        s("rect", { x: 15, y: -6, width: 8, height: 12, rx: 2, class: "pins" })),
    };
  }

  bay(view, evse, index) {
    const drawn = this.bays[index];
    const plugged = evse.connectors.some((connector) => connector.plugged);
    const here = plugged || evse.bay_occupied;
    const [text, kind] = condition(view, evse);
    drawn.lamp.setAttribute("class", `led ${kind}`);
    drawn.flow.setAttribute("class", `stream ${evse.supply === "Delivering" && view.powered ? "on" : ""}`);
    const group = drawn.car.firstChild;
    group.setAttribute("class", `car ${here ? "here" : this.plan.narrow ? "away right" : "away"}`);
    const model = evse.ev ?? drawn.model ?? view.ev_models[index % Math.max(1, view.ev_models.length)]?.name;
    redraw(group, model, () => car((drawn.model = model), index));
    const soc = evse.soc_percent ?? 0;
    group.querySelector(".pack-fill").setAttribute("width", String(Math.max(0, Math.min(96, soc * 0.96))));
    const first = kept(evse) ? " (locked: show a card first)" : "";
    const label = plugged ? `Unplug the car from EVSE ${evse.id} (${text})` : `Plug a car into EVSE ${evse.id}${first}`;
    if (drawn.hot.getAttribute("aria-label") !== label) {
      drawn.hot.setAttribute("aria-label", label);
      drawn.hot.title = label;
    }
    drawn.hot.classList.toggle("empty", !here);
    const sockets = evse.connectors.every((connector) => connector.socket);
    const lying = evse.connectors.some((connector) => connector.cable);
    drawn.dock.setAttribute("class", sockets ? `holster socket ${evse.connectors.some((one) => one.locked) ? "locked" : ""}` : "holster");
    drawn.clasp.style.visibility = kept(evse) ? "" : "hidden";
    for (const part of [drawn.cable, drawn.flow, drawn.plug]) part.style.visibility = sockets && !lying ? "hidden" : "";
    const says = kept(evse) ? "card first" : "plug in a car";
    redraw(drawn.hot, [here, says], () => (here ? [] : [h("span", null, `Bay ${evse.id} · ${says}`)]));
    this.move(index, plugged);
  }

  /** Let the connector travel between holster and car. */
  move(index, plugged) {
    const drawn = this.bays[index];
    const goal = plugged ? 1 : 0;
    const known = this.ends.get(index);
    if (known?.goal === goal) return;
    const still = known === undefined || matchMedia("(prefers-reduced-motion: reduce)").matches || document.hidden;
    const from = known?.at ?? goal;
    const travel = { goal, at: still ? goal : from };
    this.ends.set(index, travel);
    this.cable(drawn, travel.at);
    if (still) return;
    const begun = performance.now();
    const step = (now) => {
      if (this.ends.get(index) !== travel) return;
      const done = Math.min(1, Math.max(0, (now - begun) / 650));
      travel.at = from + (goal - from) * (1 - (1 - done) ** 3);
      this.cable(drawn, travel.at);
      if (done < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  cable(bay, at) {
    const mix = (a, b) => a + (b - a) * at;
    const above = this.plan.narrow;
    const gap = 20 * bay.scale;
    const goal = above ? { x: bay.inlet.x, y: bay.inlet.y - gap } : { x: bay.inlet.x - bay.out * gap, y: bay.inlet.y };
    const end = { x: mix(bay.holster.x, goal.x), y: mix(bay.holster.y, goal.y) - Math.sin(at * Math.PI) * 34 };
    const floor = this.plan.cabinet.y + this.plan.cabinet.h + 20;
    const first = { x: bay.outlet.x + bay.out * mix(58, 40), y: mix(floor + 6, above ? floor - 10 : floor + 10) };
    const rest = { x: bay.holster.x + bay.out * 46, y: floor - 30 };
    const pull = above ? { x: end.x, y: end.y - 60 } : { x: end.x - bay.out * 34, y: end.y + 46 };
    const second = { x: mix(rest.x, pull.x), y: mix(rest.y, pull.y) };
    const path = `M${bay.outlet.x} ${bay.outlet.y}C${first.x} ${first.y} ${second.x} ${second.y} ${end.x} ${end.y}`;
    bay.cable.setAttribute("d", path);
    bay.flow.setAttribute("d", path);
    const turn = above ? mix(-90, bay.left ? -270 : 90) : mix(-90, bay.left ? -180 : 0);
    bay.plug.setAttribute("transform", `translate(${end.x} ${end.y}) rotate(${turn})`);
  }

  screens(view) {
    const screens = view.powered ? view.screens : [];
    const shown = [view.powered, view.booting, screens, view.local_time, view.connection.state, view.readers.length];
    const drawn = redraw(this.display, shown, () => {
      if (!view.displays) return this.buttons(view, screens);
      if (!view.powered) return [h("div", { class: "display off" }, h("span", { class: "sr" }, "The display is dark: no power."))];
      if (view.booting && !screens.length) return [h("div", { class: "display" }, h("div", { class: "says" }, h("b", null, "Starting …")))];
      return screens.map((screen) => this.screen(view, screen));
    });
    if (drawn) for (const display of this.display.children) this.fit(display);
    this.speak(view.displays ? spokenOf(view, screens[0]) : "");
  }

  /** Say once what happened: figures that only grow are no news. */
  speak(text) {
    const news = text.replace(FIGURES, "");
    if (news === this.news) return;
    this.news = news;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => setText(this.spoken, text), SETTLED);
  }

  /** Long texts get smaller letters, so that nothing that matters is cut off. */
  fit(display) {
    for (let size = 1; size > 0.5; size -= 0.06) {
      setStyle(display, { "--fit": size.toFixed(2) });
      if (display.scrollHeight <= display.clientHeight + 1) return;
    }
  }

  /** What a station without a display lets people choose: a button beside each outlet (AQ-8). */
  buttons(view, screens) {
    const options = screens.flatMap((screen) => screen.options);
    if (!view.powered || !options.length) return [];
    return [h("div", { class: "display buttons" }, h("div", { class: "options" }, options.map(option)))];
  }

  screen(view, screen) {
    const online = view.connection.state === "Connected";
    return h(
      "div",
      { class: "display" },
      h("div", { class: "status" }, h("span", null, view.local_time), h("span", { class: online ? "net" : "net down", title: online ? "online" : "offline" }, online ? "online" : "offline")),
      h("div", { class: "says" }, h("b", null, screen.headline), screen.lines.map((line) => h("p", null, line))),
      screen.options.length > 0 && h("div", { class: "options" }, screen.options.map(option)),
    );
  }

  tapped() {
    this.pulse.classList.remove("now");
    requestAnimationFrame(() => requestAnimationFrame(() => this.pulse.classList.add("now")));
  }

  place(element, { x, y, w, h: height }) {
    const { width, height: whole } = this.plan;
    setStyle(element, { left: part(x, width), top: part(y, whole), width: part(w, width), height: part(height, whole) });
  }
}
