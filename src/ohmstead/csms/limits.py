"""How much a station takes in one message, as it reports itself (ItemsPerMessage, BytesPerMessage, a maxLimit)."""

from collections.abc import Callable, Iterable

import msgspec

from ohmstead.wire import messages as m
from ohmstead.wire.actions import ACTION_OF
from ohmstead.wire.base import Request, Response
from ohmstead.wire.codec import encode
from ohmstead.wire.identifiers import folded

ENVELOPE = 64
"""Bytes of a frame beside action and payload: brackets, commas, type and message id."""
SMALL = 512
"""Bytes of a payload that every station takes: so much need not be asked for."""
SHORTEST_MAXIMUM, LONGEST_MAXIMUM = 40, 64
"""Between these lies the maxLimit of BasicAuthPassword (A00.FR.205 with its erratum)."""

Place = tuple[str, str, str]
"""Component, variable and its instance, in lower case."""

PASSWORD: Place = ("securityctrlr", "basicauthpassword", "")


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """A request whose elements a station may limit."""

    component: str
    instance: str
    """Of ItemsPerMessage and BytesPerMessage."""
    elements: Callable[[Request[Response]], int]
    source: str


def _of(name: str) -> Callable[[Request[Response]], int]:
    return lambda request: len(getattr(request, name) or ())


COUNTED: dict[type[Request[Response]], Counted] = {
    m.GetVariablesRequest: Counted(
        component="DeviceDataCtrlr", instance="GetVariables", elements=_of("get_variable_data"), source="B06.FR.05"
    ),
    m.SetVariablesRequest: Counted(
        component="DeviceDataCtrlr", instance="SetVariables", elements=_of("set_variable_data"), source="B05.FR.11"
    ),
    m.GetReportRequest: Counted(
        component="DeviceDataCtrlr", instance="GetReport", elements=_of("component_variable"), source="B08.FR.06"
    ),
    m.GetMonitoringReportRequest: Counted(
        component="DeviceDataCtrlr", instance="GetReport", elements=_of("component_variable"), source="N02.FR.07"
    ),
    m.SetVariableMonitoringRequest: Counted(
        component="MonitoringCtrlr",
        instance="SetVariableMonitoring",
        elements=_of("set_monitoring_data"),
        source="N04.FR.09",
    ),
    m.ClearVariableMonitoringRequest: Counted(
        component="MonitoringCtrlr", instance="ClearVariableMonitoring", elements=_of("id"), source="N06.FR.04"
    ),
    m.SendLocalListRequest: Counted(
        component="LocalAuthListCtrlr", instance="", elements=_of("local_authorization_list"), source="D01.FR.11"
    ),
}
"""Each with the variables that limit it, and who says so."""


class Limits:
    """What one station has reported since its last boot."""

    def __init__(self) -> None:
        self._values: dict[Place, int] = {}
        self._asked: set[Place] = set()
        self.password_length = SHORTEST_MAXIMUM
        """The most characters of a password."""

    def learn(self, message: m.GetVariablesResponse | m.NotifyReportRequest) -> None:
        """Take over what a station says, whoever asked for it."""
        if isinstance(message, m.GetVariablesResponse):
            for result in message.get_variable_result:
                if (result.attribute_type or m.AttributeEnum.Actual) is m.AttributeEnum.Actual:
                    self._take(_place(result.component, result.variable), result.attribute_value)
            return
        for entry in message.report_data or ():
            place = _place(entry.component, entry.variable)
            for attribute in entry.variable_attribute:
                if (attribute.type or m.AttributeEnum.Actual) is m.AttributeEnum.Actual:
                    self._take(place, attribute.value)
            about = entry.variable_characteristics
            longest = about.max_limit if about is not None else None
            if place == PASSWORD and longest is not None:
                self.password_length = int(min(max(longest, SHORTEST_MAXIMUM), LONGEST_MAXIMUM))

    def unknown(self, request: Request[Response]) -> tuple[m.GetVariableData, ...]:
        """Return the limits that a station has to be asked for before a request is sent; each only once a boot."""
        counted = COUNTED.get(type(request))
        if counted is None:
            return ()
        names = ["ItemsPerMessage"] if counted.elements(request) > 1 else []
        names += ["BytesPerMessage"] if len(encode(request)) > SMALL else []
        found = []
        for name in names:
            place = _key(counted.component, name, counted.instance)
            if place not in self._values and place not in self._asked:
                self._asked.add(place)
                found.append(
                    m.GetVariableData(
                        component=m.Component(name=counted.component),
                        variable=m.Variable(name=name, instance=counted.instance or None),
                    )
                )
        return tuple(found)

    def excess(self, request: Request[Response]) -> str | None:
        """Say in how far a request is more than the station takes in one message."""
        counted = COUNTED.get(type(request))
        if counted is None:
            return None
        action = ACTION_OF[type(request)]
        elements, most = counted.elements(request), self._limit(counted, "ItemsPerMessage")
        if most is not None and elements > most:
            return f"{action} has {elements} elements, and the station takes {most} in one message ({counted.source})"
        size, largest = len(encode(request)) + len(action) + ENVELOPE, self._limit(counted, "BytesPerMessage")
        if largest is not None and size > largest:
            return f"{action} has {size} bytes, and the station takes {largest} in one message ({counted.source})"
        return None

    def _limit(self, counted: Counted, name: str) -> int | None:
        return self._values.get(_key(counted.component, name, counted.instance))

    def _take(self, place: Place, value: str | None) -> None:
        if place[1] not in ("itemspermessage", "bytespermessage") or value is None:
            return
        if value.isascii() and value.isdecimal() and 0 < int(value) < 2**31:
            self._values[place] = int(value)


def duplicates(places: Iterable[tuple[m.Component, m.Variable, m.AttributeEnum | None]]) -> str | None:
    """Return the name of a variable that is there twice with one attribute; an absent attribute is Actual."""
    seen = set()
    for component, variable, attribute in places:
        place = (*_full(component, variable), attribute or m.AttributeEnum.Actual)
        if place in seen:
            return f"{component.name}.{variable.name}"
        seen.add(place)
    return None


def is_password(component: m.Component, variable: m.Variable, attribute: m.AttributeEnum | None) -> bool:
    """Say whether a variable is the one that holds the password."""
    return _place(component, variable) == PASSWORD and (attribute or m.AttributeEnum.Actual) is m.AttributeEnum.Actual


def _full(component: m.Component, variable: m.Variable) -> tuple[str, str, str, str, int | None, int | None]:
    evse = component.evse
    return (
        folded(component.name),
        folded(component.instance or ""),
        folded(variable.name),
        folded(variable.instance or ""),
        evse.id if evse else None,
        evse.connector_id if evse else None,
    )


def _place(component: m.Component, variable: m.Variable) -> Place:
    return _key(component.name, variable.name, variable.instance or "")


def _key(component: str, variable: str, instance: str) -> Place:
    return component.lower(), variable.lower(), instance.lower()
