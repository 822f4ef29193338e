// Builds and updates elements; nothing here knows about charging.

const SVG = "http://www.w3.org/2000/svg";
const MARKS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u206f\ufeff\ufff0-\ufffb\ufffe\uffff\u{e0000}-\u{e0fff}]|\p{Surrogate}/gu;
const READ = ["title", "aria-label", "placeholder"];

/** Text of a peer as it can be read: what has no shape, or turns the text around, is written as in logs and reports. */
export function readable(text) {
  return text.replace(MARKS, (mark) => {
    const code = mark.codePointAt(0);
    const [letter, digits] = code < 0x100 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8];
    return `\\${letter}${code.toString(16).padStart(digits, "0")}`;
  });
}

const shown = (child) => (typeof child === "string" ? readable(child) : child);

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") setStyle(element, value);
    else if (name in element && value === true) element[name] = true;
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : READ.includes(name) ? shown(value) : value);
  }
  const given = children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
  element.append(...given.map(shown));
  return element;
}

/** h("button", {class: "quiet", onclick}, "Text") */
export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** A name of the specification, which a narrow column breaks between its words: HeartbeatInterval, Energy.Active.Import.Register. */
export const name = (text) => text.split(/(?<=[a-z.])(?=[A-Z])/).flatMap((word) => [h("wbr"), word]);

/** The same for SVG elements. */
export function s(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

/** Styles by the object model, which the page's content security policy allows. */
export function setStyle(element, styles) {
  for (const [name, value] of Object.entries(styles)) element.style.setProperty(name, value);
}

/** Change an element's text only when it differs, so that screen readers stay quiet. */
export function setText(element, text) {
  const plain = shown(text);
  if (element.textContent !== plain) element.textContent = plain;
}

/** Rebuild the children of an element only when what they show has changed; focus and what was chosen survive. */
export function redraw(element, data, build) {
  const key = JSON.stringify(data) ?? "";
  if (element.shown === key) return false;
  element.shown = key;
  const kept = keep(element);
  element.replaceChildren(...[build()].flat(Infinity).filter(Boolean).map(shown));
  kept();
  return true;
}

const FIELDS = "input, select, textarea";
const TOUCHED = `a[href], button, summary, [tabindex], ${FIELDS}`;
const nameOf = (one) => `${one.tagName} ${one.getAttribute("aria-label") ?? one.name ?? ""} ${one.matches(FIELDS) ? "" : one.textContent}`;

const foldOf = (one) => one.querySelector("summary")?.textContent ?? "";

/** Remember what is chosen in the fields of an element and what has the focus; the answer puts both back after a rebuild. */
function keep(element) {
  const chosen = new Map([...element.querySelectorAll("select")].map((one) => [nameOf(one), one.value]));
  const folds = new Map([...element.querySelectorAll("details")].map((one) => [foldOf(one), one.open]));
  const held = document.activeElement;
  const before = element.contains(held) && held !== element ? [...element.querySelectorAll(TOUCHED)] : null;
  const [name, index] = before ? [nameOf(held), before.indexOf(held)] : [];
  return () => {
    for (const one of element.querySelectorAll("select")) {
      const value = chosen.get(nameOf(one));
      if (value !== undefined && [...one.options].some((option) => option.value === value)) one.value = value;
    }
    for (const one of element.querySelectorAll("details")) one.open = folds.get(foldOf(one)) ?? one.open;
    if (!before) return;
    const after = [...element.querySelectorAll(TOUCHED)].filter((one) => !one.disabled);
    const same = after.find((one) => nameOf(one) === name) ?? after[Math.min(index, after.length - 1)];
    if (same) return same.focus({ preventScroll: true });
    element.tabIndex = -1;
    element.focus({ preventScroll: true });
  };
}

/** Keep a button from being pressed twice while work goes on; it has the focus again afterwards if it had it before. */
export async function busy(button, text, work) {
  const before = button.textContent;
  const held = document.activeElement === button;
  button.disabled = true;
  setText(button, text);
  try {
    return await work();
  } finally {
    button.disabled = false;
    setText(button, before);
    if (held && document.activeElement === document.body) button.focus({ preventScroll: true });
  }
}

export function toast(text, kind = "good") {
  const box = document.getElementById("toasts");
  const note = h("div", { class: `toast ${kind}` }, text);
  box.append(note);
  while (box.children.length > 4) box.firstChild.remove();
  setTimeout(() => note.remove(), kind === "bad" ? 7000 : 3000);
}

export const kilo = (value, digits = 1) => (value / 1000).toFixed(digits);

export const money = (amount, currency) => `${amount.toFixed(2)}${currency ? ` ${currency}` : ""}`;

export function time(text, seconds = true) {
  if (!text) return "–";
  const options = { hour: "2-digit", minute: "2-digit", second: seconds ? "2-digit" : undefined, hour12: false };
  return new Date(text).toLocaleTimeString("en-GB", options);
}

export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, "0"));
  return whole >= 3600 ? `${Math.floor(whole / 3600)}:${parts.join(":")}` : parts.join(":");
}
