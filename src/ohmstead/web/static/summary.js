// One readable line for each OCPP message.

const ENERGY = "Energy.Active.Import.Register";
const evse = (one) => one && `EVSE ${[one.id, one.connectorId].filter((part) => part !== undefined).join("/")}`;
const variable = (one) => `${one.component.name}.${one.variable.name}${one.variable.instance ? `[${one.variable.instance}]` : ""}`;
const few = (list, name) => list.slice(0, 2).map(name).join(", ") + (list.length > 2 ? ` and ${list.length - 2} more` : "");
/** The last reading: an Ended lists all readings of the transaction, from its first on. */
const energy = (values) => {
  const readings = (values ?? []).flatMap((value) => value.sampledValue);
  const last = readings.findLast((one) => (one.measurand ?? ENERGY) === ENERGY);
  return last ? `${last.value} ${last.unitOfMeasure?.unit ?? "Wh"}` : null;
};

const CALLS = {
  BootNotification: (p) => [p.reason, p.chargingStation && `${p.chargingStation.vendorName} ${p.chargingStation.model}`],
  StatusNotification: (p) => [`EVSE ${p.evseId}/${p.connectorId}`, p.connectorStatus],
  Authorize: (p) => [p.idToken.type, `••${p.idToken.idToken.slice(-4)}`],
  TransactionEvent: (p) => [
    p.eventType, p.triggerReason, `seqNo ${p.seqNo}`, evse(p.evse), p.transactionInfo?.chargingState, p.transactionInfo?.stoppedReason,
    energy(p.meterValue), p.offline && "offline",
  ],
  MeterValues: (p) => [`EVSE ${p.evseId}`, energy(p.meterValue)],
  SetVariables: (p) => [few(p.setVariableData, (one) => `${variable(one)} = ${one.attributeValue}`)],
  GetVariables: (p) => [few(p.getVariableData, variable)],
  NotifyReport: (p) => [`request ${p.requestId}`, `part ${p.seqNo}`, `${p.reportData?.length ?? 0} variables`, p.tbc ? "more to come" : "last"],
  NotifyEvent: (p) => [few(p.eventData ?? [], (one) => `${one.component.name}.${one.variable.name} ${one.actualValue}`)],
  SecurityEventNotification: (p) => [p.type, p.techInfo],
  RequestStartTransaction: (p) => [p.evseId && `EVSE ${p.evseId}`, `••${p.idToken.idToken.slice(-4)}`, `remote ${p.remoteStartId}`],
  ChangeAvailability: (p) => [p.operationalStatus, evse(p.evse) ?? "station"],
  TriggerMessage: (p) => [p.requestedMessage, evse(p.evse)],
  Heartbeat: () => [],
};

const RESULTS = {
  BootNotification: (p) => [p.status, `interval ${p.interval} s`],
  Authorize: (p) => [p.idTokenInfo.status],
  TransactionEvent: (p) => [p.idTokenInfo?.status],
  SetVariables: (p) => [few(p.setVariableResult, (one) => `${variable(one)} ${one.attributeStatus}`)],
  GetVariables: (p) => [few(p.getVariableResult, (one) => `${variable(one)} = ${one.attributeValue ?? one.attributeStatus}`)],
  Heartbeat: (p) => [p.currentTime],
};

/** What can be said of any payload: its plain fields. */
function plain(payload) {
  return Object.entries(payload)
    .filter(([name, value]) => name !== "customData" && ["string", "number", "boolean"].includes(typeof value))
    .slice(0, 4)
    .map(([name, value]) => (name === "status" ? String(value) : `${name} ${String(value).slice(0, 60)}`));
}

export function summary(line) {
  const payload = line.data;
  if (payload === null || typeof payload !== "object") return String(line.payload).slice(0, 120);
  const known = (line.kind === "CALL" ? CALLS : RESULTS)[line.action];
  if (line.kind === "CALLERROR" || !known) return plain(payload).join(" · ");
  try {
    return known(payload).filter(Boolean).join(" · ");
  } catch {
    return plain(payload).join(" · ");
  }
}
