// A CSMS made of the npm package `ocpp-rpc` in strict mode, for `python -m benchmarks.ocpp_rpc_csms`: accepts every station
// and card on plain ws://. A line of standard output is a JSON array: ["url", URL], or ["frame" or "refused", identity, text].
"use strict";

const { RPCServer } = require("ocpp-rpc");

const ACCEPTED = { status: "Accepted" };
const now = () => new Date().toISOString();
const ANSWERS = {
  BootNotification: () => ({ currentTime: now(), interval: 60, status: "Accepted" }),
  Heartbeat: () => ({ currentTime: now() }),
  Authorize: () => ({ idTokenInfo: ACCEPTED }),
  SecurityEventNotification: () => ({}),
  StatusNotification: () => ({}),
  TransactionEvent: (event) => (event.idToken ? { idTokenInfo: ACCEPTED } : {}),
};

const say = (...line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const server = new RPCServer({ protocols: ["ocpp2.0.1"], strictMode: true, pingIntervalMs: 0 });

server.on("client", (client) => {
  client.on("message", ({ message, outbound }) => outbound || say("frame", client.identity, message.toString()));
  client.on("strictValidationFailure", ({ error }) => say("refused", client.identity, error.message));
  client.on("badMessage", ({ error }) => say("refused", client.identity, error.message));
  for (const [action, answer] of Object.entries(ANSWERS)) client.handle(action, ({ params }) => answer(params));
});

server.listen(0, "127.0.0.1").then((http) => say("url", `ws://127.0.0.1:${http.address().port}/ocpp`));
process.stdin.on("end", () => process.exit(0)).resume();
