"""States of the station as a whole: booted, booting, unavailable, and what lies in its memory."""

from collections.abc import Mapping

from ohmstead.lab.cases import states, states_cable, states_stopping
from ohmstead.lab.cases.checks import Wanted, differs, one_of, words
from ohmstead.lab.cases.config import LabToken
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.cases.tokens import stopping_token
from ohmstead.lab.reading import Reading
from ohmstead.lab.readings.b_boot import BOOT_AFTER_OUTAGE, SELF_CHECK
from ohmstead.product.feature_table import Feature
from ohmstead.wire import messages as wire
from ohmstead.wire.identifiers import folded
from ohmstead.wire.messages import OperationalStatusEnum, ResetEnum

ANYTHING = Wanted("anything", lambda _value: True)


async def first_boot(t: Tester) -> None:
    """The station gets its power, registers and reports: the beginning of nearly every case."""
    await t.start()
    await t.connection(within=2 * t.patience)
    await check_boot(t, step="boot", reason=ANYTHING)


async def check_boot(
    t: Tester, *, step: str, reason: object, status: str = "Available"
) -> wire.BootNotificationRequest:
    """BootNotification, the status of every connector, and the security event that tells of the start."""
    boot = await t.expect(f"{step}.3", wire.BootNotificationRequest, within=300, reason=reason)
    await t.expect_statuses(f"{step}.5", status)
    await security_event(t, "StartupOfTheDevice", "ResetOrReboot", step=f"{step}.7")
    return boot


async def check_closed(t: Tester, step: int | str, reading: Reading, status: object = "Unavailable") -> None:
    """Connectors have been told to be away, beside what has been expected: right by Part 2, not in the text."""
    told = 0
    while await t.maybe_status(status, within=0):
        told += 1
    if told:
        wanted = differs(reading, specification=Wanted(f"{words(status)} meanwhile", lambda _: True), tool="no more")
        t.compare(step, "StatusNotificationRequest.connectorStatus", f"{told} more", wanted)


async def check_self_check(t: Tester, step: int | str, *, but: Mapping[tuple[int, int], str] | None = None) -> None:
    """Connectors may have been Unavailable after the boot, before their state was told (B01, step 4).

    Args:
        t: the tester.
        step: for the report.
        but: connectors whose state is not Available: (evse_id, connector_id) -> state.
    """
    await check_closed(t, step, SELF_CHECK)
    for place, got in {one.place: one.status for one in t.statuses()}.items():
        wanted = (but or {}).get(place, "Available")
        t.require(
            step,
            got == wanted,
            f"StatusNotificationRequest.connectorStatus: the last one of EVSE {place[0]}, connector {place[1]}",
            wanted,
            got,
        )


async def check_silent_return(t: Tester, step: int | str) -> None:
    """A station that comes back does not boot again (Part 4, 5.3); one that does tells every status (B01.FR.05)."""
    boot = await t.maybe(wire.BootNotificationRequest)
    wanted = differs(BOOT_AFTER_OUTAGE, specification=ANYTHING, tool=None)
    t.compare(step, "BootNotificationRequest", None if boot is None else boot.reason.value, wanted)
    if boot is not None:
        t.allow_status("Available")


async def security_event(t: Tester, *types: str, step: int | str) -> wire.SecurityEventNotificationRequest:
    """Wait for a security event of one of these types."""
    return await t.expect(step, wire.SecurityEventNotificationRequest, type=one_of(*types))


async def booting(t: Tester, *, refuse: bool = True) -> None:
    """A Reset Immediate is accepted; the station is on its way down, and may not come back until `t.reconnect`."""
    endpoint = t.connected
    if refuse:
        for one in (endpoint,):
            if one is not None:
                one.refuse()
    await t.call(wire.ResetRequest(type=ResetEnum.Immediate), step="Booting.2", status="Accepted")
    t.rules.disturbed = True
    if endpoint is not None:
        t.require(
            "Booting", await endpoint.wait_disconnected(120), "WebSocket connection", "closed by the reset", "open"
        )


async def booted(t: Tester, *, power_cycle: bool = False, status: str = "Available") -> wire.BootNotificationRequest:
    """The station has started anew, by a Reset or by a power cycle, and is idle."""
    if power_cycle:
        await t.hand.cut_power()
        await t.elapse(2)
        await t.hand.restore_power()
        reason = one_of("PowerUp")
    else:
        await t.call(wire.ResetRequest(type=ResetEnum.Immediate), step="Booted.2", status="Accepted")
        t.rules.disturbed = True
        reason = one_of("RemoteReset")
    return await check_boot(t, step="Booted", reason=reason, status=status)


async def unavailable(t: Tester, evse_id: int | None = None, connector_id: int | None = None) -> None:
    """The station (no EVSE given), an EVSE or a connector is out of service."""
    await change_availability(t, OperationalStatusEnum.Inoperative, evse_id, connector_id, step="Unavailable.2")
    if evse_id is None or connector_id is None:
        await t.expect_statuses("Unavailable.3", "Unavailable", evse_id=evse_id)
    else:
        await t.expect_status("Unavailable.3", "Unavailable", evse_id=evse_id, connector_id=connector_id)


async def change_availability(
    t: Tester,
    wanted: OperationalStatusEnum,
    evse_id: int | None = None,
    connector_id: int | None = None,
    *,
    step: int | str = 2,
    status: str = "Accepted",
) -> None:
    """Ask for an availability and check the status of the response."""
    evse = wire.EVSE(id=evse_id, connector_id=connector_id) if evse_id is not None else None
    request = wire.ChangeAvailabilityRequest(operational_status=wanted, evse=evse)
    await t.call(request, step=step, status=status)


async def start_at(t: Tester, *points: str) -> None:
    """Let transactions start at the first of these points that the station takes; else it stays as it is."""
    for point in points:
        if t.start_points == {point}:
            return
        status = await t.try_set("TxCtrlr.TxStartPoint", point, step="settings")
        if status in (wire.SetVariableStatusEnum.Accepted, wire.SetVariableStatusEnum.RebootRequired):
            return
    t.note(f"TxCtrlr.TxStartPoint stays {','.join(sorted(t.start_points))}: {' and '.join(points)} were refused")


async def start_offline_transaction(
    t: Tester, evse_id: int | None = None, *, token: LabToken | None = None, stay_offline: bool = False
) -> None:
    """A transaction begins while there is no connection; then the station may come back."""
    outlet = t.outlet(evse_id)
    await t.disconnect()
    await _charge_offline(t, outlet.evse_id, token or t.config.valid)
    outlet.authorized = outlet.plugged = True
    if not stay_offline:
        await t.reconnect()


async def _charge_offline(t: Tester, evse_id: int, token: LabToken) -> None:
    outlet = t.outlet(evse_id)
    if not outlet.bay:
        await t.hand.arrive(evse_id)
        outlet.bay = True
    cable_first = token.type is wire.IdTokenEnum.MacAddress
    if cable_first:
        await t.hand.plug(evse_id, t.config.connector_id)
    await t.elapse(1)
    await t.present(token, evse_id)
    await t.elapse(1)
    if not cable_first:
        await t.hand.plug(evse_id, t.config.connector_id)
    await t.elapse(t.config.transaction_duration)


def local_stop(t: Tester) -> LabToken | None:
    """Return what the driver stops by at the station, None: nothing."""
    return None if t.config.remote else stopping_token(t.product, t.config.valid)


async def end_by_leaving(t: Tester) -> None:
    """Where nobody stops at the station, an EV that leaves has to end the transaction: stop points are added for it."""
    if local_stop(t) is None and t.product.has(Feature.TX_STOP_POINT_WRITABLE) and t.stop_points == {"Authorized"}:
        await t.try_set("TxCtrlr.TxStopPoint", ",".join(t.product.stop_points), step="settings")


async def transaction_events_in_queue_ended(
    t: Tester, evse_id: int | None = None, *, token: LabToken | None = None, stay_offline: bool = False
) -> None:
    """A whole transaction has taken place without a connection; its events wait in the station's queue."""
    token = token or t.config.valid
    place = t.outlet(evse_id).evse_id
    stops = stopping_token(t.product, token)
    kept = stops is None and await states_cable.kept_for_owner(t, token, place)
    await t.disconnect()
    await _charge_offline(t, place, token)
    if stops is None:
        await states_cable.unplug_unstopped(t, token, place, kept=kept)
    else:
        await t.present(stops, place)
        await t.elapse(1)
        await t.hand.unplug(place)
    await t.elapse(1)
    await t.hand.leave(place)
    t.outlet(place).reset()
    if not stay_offline:
        await t.reconnect()


async def id_token_cached(t: Tester, token: LabToken | None = None, evse_id: int | None = None) -> None:
    """The token lies in the authorization cache: a whole session for a valid one (errata 6.2.120), else one refusal.

    What the CSMS says of the token comes from `t.know(...)`.
    """
    token = token or t.config.valid
    info = t.answers.info(token.wire)
    if info.status is not wire.AuthorizationStatusEnum.Accepted:
        await states.identified(t, token, evse_id)
        await t.expect("IdTokenCached.2", wire.AuthorizeRequest, id_token__id_token=states.token_text(token))
        t.cached.add(folded(token.id_token))
        await t.elapse(t.settle)
        return
    await states.authorized(t, evse_id, token=token, remote=False)
    await states.energy_transfer_started(t, evse_id, token=token)
    await states_stopping.stop_authorized(t, evse_id, token=token, remote=False)
    await states_stopping.parking_bay_unoccupied(t, evse_id)
    t.cached.add(folded(token.id_token))


async def certificate_installed(t: Tester, kind: wire.InstallCertificateUseEnum, pem: str) -> None:
    """A root certificate is installed."""
    request = wire.InstallCertificateRequest(certificate_type=kind, certificate=pem)
    await t.call(request, step="CertificateInstalled.2", status="Accepted")
