// The operator's bench: overview, messages, device model, commands, what hands can do, and test campaigns.

import { h, redraw } from "/static/dom.js";
import { Campaign } from "/static/campaign.js";
import { Commands } from "/static/commands.js";
import { Overview } from "/static/overview.js";
import { Physical } from "/static/physical.js";
import { Trace } from "/static/trace.js";
import { Variables } from "/static/variables.js";

const PANES = [
  ["overview", "Overview"],
  ["messages", "Messages"],
  ["variables", "Device model"],
  ["commands", "Commands"],
  ["physical", "Physical side"],
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
      physical: new Physical(),
      campaign: new Campaign(),
    };
    this.nav = h("nav", { class: "panes", "aria-label": "Operator's bench" });
    this.body = h("div", { class: "pane" }, Object.values(this.panes).map((pane) => pane.element));
    root.append(this.nav, this.body);
    this.name = "overview";
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

  show(name) {
    this.name = this.panes[name] ? name : "overview";
    for (const [key, pane] of Object.entries(this.panes)) pane.element.hidden = key !== this.name;
    redraw(this.nav, this.name, () => PANES.map(([key, label]) => h(
      "a",
      { href: `#operator/${key}`, "aria-current": key === this.name ? "page" : null },
      label,
    )));
    this.nav.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
    this.panes[this.name].shown?.();
  }

  update(state) {
    this.panes[this.name].update?.(state);
  }
}
