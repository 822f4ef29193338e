"""Network connection profiles: the station is told of another endpoint, and to go there (B09, B10)."""

from ohmstead.lab.cases.checks import one_of
from ohmstead.lab.cases.endpoint import Endpoint
from ohmstead.lab.cases.tester import Tester
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import OCPPInterfaceEnum, OCPPTransportEnum, OCPPVersionEnum, ResetEnum

ACTIVE = "OCPPCommCtrlr.ActiveNetworkProfile"
PRIORITY = "OCPPCommCtrlr.NetworkConfigurationPriority"


def profile(
    t: Tester, url: str, *, security_profile: int | None = None, message_timeout: int | None = None
) -> wire.NetworkConnectionProfile:
    """Return a profile for a URL, as configured; None: the security profile that the station is provisioned with."""
    return wire.NetworkConnectionProfile(
        ocpp_version=OCPPVersionEnum.OCPP20,
        ocpp_transport=OCPPTransportEnum.JSON,
        ocpp_csms_url=url,
        message_timeout=t.config.message_timeout if message_timeout is None else message_timeout,
        security_profile=t.provisioning.security_profile if security_profile is None else security_profile,
        ocpp_interface=OCPPInterfaceEnum(t.config.interface or next(iter(t.product.interfaces))),
    )


async def slots(t: Tester, *, step: int | str = 1) -> tuple[int, int]:
    """Return the slot that is in use, and the configured one that is not (errata 6.2.17)."""
    text = await t.get(ACTIVE, step=step)
    if text is None or not (text.isascii() and text.isdigit()):
        t.fail(step, f"GetVariablesResponse: {ACTIVE}", "the number of a slot", text)
    active = int(str(text))
    return active, t.config.slot if active == t.config.slot2 else t.config.slot2


async def prefer(t: Tester, endpoint: Endpoint, *, security_profile: int | None = None) -> tuple[int, int]:
    """Write a profile for an endpoint into the free slot and put it first; returns the slot in use and the new one.

    The slot in use is not overwritten, and stays second (errata 6.2.17).
    """
    active, free = await slots(t)
    connection = profile(t, endpoint.url, security_profile=security_profile)
    request = wire.SetNetworkProfileRequest(configuration_slot=free, connection_data=connection)
    await t.call(request, step=2, status="Accepted")
    await t.set(PRIORITY, f"{free},{active}", step=4, status=one_of("Accepted", "RebootRequired"))
    return active, free


async def reset(t: Tester, *, step: int | str = 6) -> None:
    """Reset, so that the order of slots acts (errata 6.2.18: always); the station leaves the CSMS (B10.FR.06)."""
    left = t.connected
    await t.call(wire.ResetRequest(type=ResetEnum.OnIdle), step=step, status="Accepted")
    t.rules.disturbed = True
    if left is not None:
        t.require(step, await left.wait_disconnected(120), "WebSocket connection", "closed by the reset", "open")


async def arrived(t: Tester, endpoint: Endpoint, slot: int, *, step: int | str) -> None:
    """The station has booted at an endpoint, over a slot: BootNotification, statuses, security event."""
    await t.connection(number=endpoint.number, step=step)
    boot = await t.expect(f"{step} Booted.3", wire.BootNotificationRequest, within=300)
    t.require(step, t.connected is endpoint, "WebSocket connection", f"to endpoint {endpoint.number}", "another one")
    await t.expect_statuses(f"{step} Booted.5", "Available")
    await t.expect(
        f"{step} Booted.7",
        wire.SecurityEventNotificationRequest,
        type=one_of("StartupOfTheDevice", "ResetOrReboot"),
        where=lambda event: t.arrived(event).at >= t.arrived(boot).at,
    )
    active = await t.get(ACTIVE, step=step)
    t.require(step, active == str(slot), f"GetVariablesResponse: {ACTIVE}", slot, active)
