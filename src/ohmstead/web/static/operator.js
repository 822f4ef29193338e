// The operator's bench: overview, messages, device model, commands, what hands can do, and test campaigns.

import { h, redraw } from "/static/dom.js";
import { Campaign } from "/static/campaign.js";
import { Commands } from "/static/commands.js";
import { Faults } from "/static/faults.js";
import { Files } from "/static/files.js";
import { Overview } from "/static/overview.js";
import { Physical } from "/static/physical.js";
import { Trace } from "/static/trace.js";
import { Variables } from "/static/variables.js";

const PANES = [
  ["overview", "Overview"],
  ["messages", "Messages"],
  ["variables", "Device model"],
  ["commands", "Commands"],
  ["files", "Files"],
  ["physical", "Physical side"],
  ["faults", "Protocol faults"],
  ["campaign", "Campaign"],
];

export class Operator {
  constructor(root, listen) {
    this.trace = new Trace(listen);
    this.panes = {
      overview: new Overview(),
      messages: this.trace,
      variables: new Variables(),
      commands: new Commands(),
      files: new Files(),
      physical: new Physical(),
      faults: new Faults(),
      campaign: new Campaign(),
    };
    this.nav = h("nav", { class: "panes", "aria-label": "Operator's bench" });
    this.body = h("div", { class: "pane" }, Object.values(this.panes).map((pane) => pane.element));
    root.append(h("h1", { class: "sr" }, "Operator"), this.nav, this.body);
    this.name = sessionStorage.getItem("pane") ?? "overview";
  }

  get source() {
    return this.trace.source;
  }

  begin(source) {
    this.trace.begin(source);
  }

  frames(lines) {
    this.trace.add(lines);
  }

  campaign(event) {
    this.panes.campaign.take(event);
  }

  /** Show a pane: `campaign/TC_G_01_CS` a case of it, nothing the one that was shown last. */
  show(path = "") {
    const [name, ...rest] = path.split("/").filter(Boolean);
    if (this.panes[name]) this.name = name;
    else if (!this.panes[this.name]) this.name = "overview";
    sessionStorage.setItem("pane", this.name);
    for (const [key, pane] of Object.entries(this.panes)) pane.element.hidden = key !== this.name;
    redraw(this.nav, this.name, () => PANES.map(([key, label]) => h(
      "a",
      { href: `#operator/${key}`, "aria-current": key === this.name ? "page" : null },
      label,
    )));
    this.panes[this.name].shown?.(rest.map(decodeURIComponent));
  }

  update(state) {
    this.panes[this.name].update?.(state);
  }
}
