"""The device model of the unknown station: a table of lines."""

Json = dict[str, object]
TABLE = """\
OCPPCommCtrlr.ActiveNetworkProfile integer ReadOnly 1
OCPPCommCtrlr.MessageTimeout[Default] integer ReadOnly 30
OCPPCommCtrlr.FileTransferProtocols MemberList ReadOnly HTTP HTTP
OCPPCommCtrlr.HeartbeatInterval integer ReadWrite 300
OCPPCommCtrlr.NetworkConfigurationPriority SequenceList ReadWrite 1 1,2
OCPPCommCtrlr.NetworkProfileConnectionAttempts integer ReadWrite 3
OCPPCommCtrlr.OfflineThreshold integer ReadWrite 60
OCPPCommCtrlr.MessageAttempts[TransactionEvent] integer ReadWrite 3
OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent] integer ReadWrite 1
OCPPCommCtrlr.UnlockOnEVSideDisconnect boolean ReadOnly false
OCPPCommCtrlr.ResetRetries integer ReadWrite 1
OCPPCommCtrlr.RetryBackOffRepeatTimes integer ReadWrite 1
OCPPCommCtrlr.RetryBackOffRandomRange integer ReadWrite 0
OCPPCommCtrlr.RetryBackOffWaitMinimum integer ReadWrite 1
OCPPCommCtrlr.WebSocketPingInterval integer ReadWrite 0
DeviceDataCtrlr.ItemsPerMessage[GetReport] integer ReadOnly 20
DeviceDataCtrlr.ItemsPerMessage[GetVariables] integer ReadOnly 20
DeviceDataCtrlr.ItemsPerMessage[SetVariables] integer ReadOnly 20
DeviceDataCtrlr.BytesPerMessage[GetReport] integer ReadOnly 8000
DeviceDataCtrlr.BytesPerMessage[GetVariables] integer ReadOnly 8000
DeviceDataCtrlr.BytesPerMessage[SetVariables] integer ReadOnly 8000
ClockCtrlr.DateTime dateTime ReadOnly now
ClockCtrlr.TimeSource SequenceList ReadWrite Heartbeat Heartbeat
SecurityCtrlr.OrganizationName string ReadWrite Strange
SecurityCtrlr.CertificateEntries integer ReadOnly 0
SecurityCtrlr.SecurityProfile integer ReadOnly 1
SecurityCtrlr.BasicAuthPassword string WriteOnly -
AuthCtrlr.AuthorizeRemoteStart boolean ReadOnly false
AuthCtrlr.LocalAuthorizeOffline boolean ReadWrite false
AuthCtrlr.LocalPreAuthorize boolean ReadWrite false
AuthCtrlr.SupportedIdTokenTypes MemberList ReadOnly ISO14443 ISO14443
TxCtrlr.EVConnectionTimeOut integer ReadWrite 30
TxCtrlr.StopTxOnEVSideDisconnect boolean ReadOnly true
TxCtrlr.TxStartPoint MemberList ReadOnly PowerPathClosed PowerPathClosed
TxCtrlr.TxStopPoint MemberList ReadOnly Authorized,EVConnected Authorized,EVConnected
TxCtrlr.StopTxOnInvalidId boolean ReadWrite true
SampledDataCtrlr.TxStartedMeasurands MemberList ReadWrite Energy.Active.Import.Register Energy.Active.Import.Register
SampledDataCtrlr.TxUpdatedMeasurands MemberList ReadWrite Energy.Active.Import.Register Energy.Active.Import.Register
SampledDataCtrlr.TxEndedMeasurands MemberList ReadWrite Energy.Active.Import.Register Energy.Active.Import.Register
SampledDataCtrlr.TxUpdatedInterval integer ReadWrite 0
SampledDataCtrlr.TxEndedInterval integer ReadWrite 0
AlignedDataCtrlr.Measurands MemberList ReadWrite Energy.Active.Import.Register Energy.Active.Import.Register
AlignedDataCtrlr.TxEndedMeasurands MemberList ReadWrite Energy.Active.Import.Register Energy.Active.Import.Register
AlignedDataCtrlr.Interval integer ReadWrite 0
AlignedDataCtrlr.TxEndedInterval integer ReadWrite 0
ChargingStation.Available boolean ReadOnly true
ChargingStation.AvailabilityState OptionList ReadOnly Available Available,Occupied,Unavailable,Faulted
ChargingStation.SupplyPhases integer ReadOnly 3
EVSE#1.Available boolean ReadOnly true
EVSE#1.AvailabilityState OptionList ReadOnly Available Available,Occupied,Unavailable,Faulted
EVSE#1.SupplyPhases integer ReadOnly 3
EVSE#1.Power decimal ReadOnly 0
Connector#1/1.Available boolean ReadOnly true
Connector#1/1.AvailabilityState OptionList ReadOnly Available Available,Occupied,Unavailable,Faulted
Connector#1/1.ConnectorType string ReadOnly cType2
Connector#1/1.SupplyPhases integer ReadOnly 3
TokenReader.Available boolean ReadOnly true
"""
"""Name, data type, mutability, value, valuesList."""
POWER = 22080.0


class DeviceModel:
    """The variables, and how they are read, set and reported."""

    def __init__(self, *, sets_read_only: bool = False, knows_all: bool = False) -> None:
        rows = [(*line.split(" "), "")[:5] for line in TABLE.splitlines()]
        self.rows = {name: (kind, mutability, values) for name, kind, mutability, _, values in rows}
        self.values = {name: value for name, _, _, value, _ in rows}
        self._sets_read_only = sets_read_only
        self._knows_all = knows_all

    def number(self, name: str) -> int:
        """Return a variable that is a whole number."""
        return int(self.values[name])

    def get(self, one: Json, now: str) -> Json:
        """Answer one item of GetVariables."""
        name, result = _named(one)
        status = self._unknown(name, one)
        if status is None and self.rows.get(name, ("", "", ""))[1] == "WriteOnly":
            status = "Rejected"
        if status is not None and not self._knows_all:
            return {**result, "attribute_status": status}
        return {**result, "attribute_status": "Accepted", "attribute_value": self._value(name, now)}

    def set(self, one: Json) -> Json:
        """Answer one item of SetVariables."""
        name, result = _named(one)
        status = self._unknown(name, one)
        if status is None:
            kind, mutability, values = self.rows[name]
            value = str(one["attribute_value"])
            status = "Accepted"
            if (mutability == "ReadOnly" and not self._sets_read_only) or not _fits(kind, values, value):
                status = "Rejected"
            elif mutability != "ReadOnly":
                self.values[name] = value
        return {**result, "attribute_status": status}

    def report(self, base: str, now: str) -> list[Json]:
        """Return the reportData of a base report."""
        whole = base == "FullInventory"
        return [self._reported(name, now) for name, row in self.rows.items() if whole or row[1] != "ReadOnly"]

    def _reported(self, name: str, now: str) -> Json:
        kind, mutability, values = self.rows[name]
        attribute: Json = {"mutability": mutability, "persistent": True, "constant": False}
        if mutability != "WriteOnly":
            attribute["value"] = self._value(name, now)
        what: Json = {"data_type": kind, "supports_monitoring": False}
        if values:
            what["values_list"] = values
        if name.endswith(".Power"):
            what["max_limit"] = POWER
        component, _, variable = name.partition(".")
        return {
            "component": _component(component),
            "variable": _instance(variable),
            "variable_attribute": [attribute],
            "variable_characteristics": what,
        }

    def _value(self, name: str, now: str) -> str:
        return now if name == "ClockCtrlr.DateTime" else self.values.get(name, "")

    def _unknown(self, name: str, one: Json) -> str | None:
        if name not in self.rows:
            components = {known.partition(".")[0] for known in self.rows}
            return "UnknownVariable" if name.partition(".")[0] in components else "UnknownComponent"
        return None if one.get("attribute_type", "Actual") == "Actual" else "NotSupportedAttributeType"


def _fits(kind: str, values: str, value: str) -> bool:
    if kind == "integer":
        return value.isdigit()
    if kind == "boolean":
        return value in ("true", "false")
    return not values or set(filter(None, value.split(","))) <= set(values.split(","))


def _named(one: Json) -> tuple[str, Json]:
    component, variable = one["component"], one["variable"]
    assert isinstance(component, dict)
    assert isinstance(variable, dict)
    evse = component.get("evse") or {}
    place = f"#{evse['id']}" + (f"/{evse['connector_id']}" if "connector_id" in evse else "") if evse else ""
    instance = f"[{variable['instance']}]" if "instance" in variable else ""
    result: Json = {"component": component, "variable": variable}
    result["attribute_type"] = one.get("attribute_type", "Actual")
    return f"{component['name']}{place}.{variable['name']}{instance}", result


def _component(text: str) -> Json:
    name, _, place = text.partition("#")
    if not place:
        return {"name": name}
    evse, _, connector = place.partition("/")
    return {"name": name, "evse": {"id": int(evse), **({"connector_id": int(connector)} if connector else {})}}


def _instance(text: str) -> Json:
    name, _, instance = text.removesuffix("]").partition("[")
    return {"name": name, **({"instance": instance} if instance else {})}
