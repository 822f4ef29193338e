// Power and state of charge over time, drawn on a canvas.

import { h } from "/static/dom.js";

const LONGEST = 1800;

export class Curve {
  constructor(name) {
    this.name = name;
    this.points = [];
    this.canvas = h("canvas", { role: "img", "aria-label": `${name}: no energy yet` });
    this.element = h("figure", { class: "curve" }, this.canvas);
    new ResizeObserver(() => this.paint()).observe(this.element);
  }

  load(points) {
    const from = points.length ? points[points.length - 1][0] : -Infinity;
    this.points = points.concat(this.points.filter(([at]) => at > from));
    this.paint();
    return true;
  }

  add(view, evse) {
    const at = new Date(view.now).getTime() / 1000;
    const last = this.points[this.points.length - 1];
    // The CSMS may set the station's clock; a curve cannot go back.
    if (last && at < last[0] - 5) this.points = [];
    if (last && this.points.length && at - last[0] < 0.9) return;
    this.points.push([at, evse.power_w, evse.soc_percent, evse.session?.energy_wh ?? 0]);
    if (this.points.length > LONGEST) this.points.splice(0, this.points.length - LONGEST);
    this.paint();
  }

  paint() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!width || !height) return;
    const scale = devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(width * scale)) this.canvas.width = Math.round(width * scale);
    if (this.canvas.height !== Math.round(height * scale)) this.canvas.height = Math.round(height * scale);
    const pen = this.canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    this.frame = { left: 34, right: width - 34, top: 24, bottom: height - 16 };
    const window = this.window();
    this.grid(pen, window);
    if (window.points.length > 1) {
      this.power(pen, window);
      this.soc(pen, window);
    }
    this.describe();
  }

  /** The newest two minutes to half an hour, from where something happened. */
  window() {
    const last = this.points.length ? this.points[this.points.length - 1][0] : 0;
    const begun = this.points.find(([at, power, soc]) => last - at < LONGEST && (power > 0 || soc !== null));
    const from = Math.min(last - 120, begun ? begun[0] : last - 120);
    const points = this.points.filter(([at]) => at >= from);
    const peak = Math.max(10_000, ...points.map(([, power]) => power));
    const step = [5, 10, 25, 50, 100, 150, 200].find((one) => one * 1000 * 2 >= peak) ?? 250;
    return { from, to: last, points, step: step * 1000, top: Math.max(step * 2000, peak) };
  }

  x(at, { from, to }) {
    return this.frame.left + ((at - from) / Math.max(1, to - from)) * (this.frame.right - this.frame.left);
  }

  y(part) {
    return this.frame.bottom - part * (this.frame.bottom - this.frame.top);
  }

  grid(pen, { step, top, from, to }) {
    const style = getComputedStyle(this.element);
    this.colors = Object.fromEntries(["line", "muted", "power", "soc"].map((name) => [name, style.getPropertyValue(`--${name}`)]));
    pen.font = `11px ${style.fontFamily}`;
    pen.lineWidth = 1;
    pen.textBaseline = "middle";
    for (let kw = 0; kw <= top; kw += step) {
      const y = Math.round(this.y(kw / top)) + 0.5;
      pen.strokeStyle = this.colors.line;
      pen.beginPath();
      pen.moveTo(this.frame.left, y);
      pen.lineTo(this.frame.right, y);
      pen.stroke();
      pen.fillStyle = this.colors.power;
      pen.textAlign = "right";
      pen.fillText(String(kw / 1000), this.frame.left - 6, y);
    }
    pen.fillStyle = this.colors.soc;
    pen.textAlign = "left";
    for (const percent of [0, 50, 100]) pen.fillText(String(percent), this.frame.right + 6, this.y(percent / 100));
    pen.textBaseline = "alphabetic";
    pen.fillText("%", this.frame.right + 6, 12);
    pen.textAlign = "right";
    pen.fillStyle = this.colors.power;
    pen.fillText("kW", this.frame.left - 6, 12);
    pen.fillStyle = this.colors.muted;
    pen.textAlign = "left";
    pen.fillText(`${Math.max(2, Math.round((to - from) / 60))} min ago`, this.frame.left, this.frame.bottom + 13);
    pen.textAlign = "right";
    pen.fillText("now", this.frame.right, this.frame.bottom + 13);
  }

  power(pen, window) {
    const path = new Path2D();
    window.points.forEach(([at, power], index) => {
      path[index ? "lineTo" : "moveTo"](this.x(at, window), this.y(power / window.top));
    });
    pen.strokeStyle = this.colors.power;
    pen.lineWidth = 2;
    pen.lineJoin = "round";
    pen.stroke(path);
    path.lineTo(this.x(window.to, window), this.frame.bottom);
    path.lineTo(this.x(window.points[0][0], window), this.frame.bottom);
    pen.globalAlpha = 0.14;
    pen.fillStyle = this.colors.power;
    pen.fill(path);
    pen.globalAlpha = 1;
  }

  soc(pen, window) {
    pen.strokeStyle = this.colors.soc;
    pen.lineWidth = 2;
    pen.setLineDash([5, 4]);
    pen.beginPath();
    let drawing = false;
    for (const [at, , soc] of window.points) {
      if (soc === null || soc === undefined) {
        drawing = false;
        continue;
      }
      pen[drawing ? "lineTo" : "moveTo"](this.x(at, window), this.y(soc / 100));
      drawing = true;
    }
    pen.stroke();
    pen.setLineDash([]);
  }

  describe() {
    const last = this.points[this.points.length - 1];
    const power = last ? (last[1] / 1000).toFixed(0) : "0";
    const soc = last && last[2] !== null && last[2] !== undefined ? `, battery ${Math.floor(last[2])} percent` : "";
    this.canvas.setAttribute("aria-label", `${this.name}: ${power} kilowatts${soc}`);
  }
}
