// Speaks to the control API: requests that show what went wrong, and the live stream that comes back by itself.

import { h, toast } from "/static/dom.js";

const BASE = "/api/v1";

export class Refused extends Error {}

export async function request(method, path, body) {
  let response;
  try {
    response = await fetch(BASE + path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refused("the station's server does not answer");
  }
  const text = await response.text();
  let answer = null;
  try {
    answer = text ? JSON.parse(text) : null;
  } catch {
    throw new Refused(`the answer to ${path} is not JSON`);
  }
  if (!response.ok) {
    throw new Refused([answer?.error ?? `HTTP ${response.status}`, answer?.hint].filter(Boolean).join(" · "));
  }
  return answer;
}

export const get = (path) => request("GET", path);

/** Carry out one hand action; says why if it is refused. Returns whether it was done. */
export async function hand(action, body) {
  try {
    await request("POST", `/hand/${action}`, body);
    return true;
  } catch (error) {
    toast(error.message, "bad");
    return false;
  }
}

/** Save what a path answers as a file; says why if there is nothing. */
export async function save(path, name) {
  const response = await fetch(BASE + path).catch(() => null);
  if (!response?.ok) {
    const answer = await response?.json().catch(() => null);
    toast(answer?.error ?? "the station's server does not answer", "bad");
    return;
  }
  const url = URL.createObjectURL(await response.blob());
  h("a", { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}

/** The live stream. `source` is whose frames are wanted: none, station, csms. */
export class Live {
  constructor(handlers) {
    this.handlers = handlers;
    this.source = "none";
    this.stream = null;
    this.retry = null;
  }

  open(source = this.source) {
    if (this.stream && source === this.source && this.stream.readyState !== EventSource.CLOSED) return;
    this.close();
    this.source = source;
    const stream = new EventSource(`${BASE}/events?trace=${source}`);
    this.stream = stream;
    stream.onopen = () => this.handlers.open(source);
    stream.onerror = () => {
      this.handlers.lost();
      if (stream.readyState === EventSource.CLOSED) this.retry = setTimeout(() => this.open(), 1500);
    };
    for (const name of ["state", "csms", "files", "campaign", "trace"]) {
      stream.addEventListener(name, (event) => this.handlers[name](JSON.parse(event.data)));
    }
  }

  close() {
    clearTimeout(this.retry);
    this.stream?.close();
    this.stream = null;
  }
}
