"""Block A: from one security profile to the next, and never down (A05)."""

from urllib.parse import urlsplit

from ohmstead.lab import states_network, states_security
from ohmstead.lab.case import case
from ohmstead.lab.cases.a_tls import note_password
from ohmstead.lab.certificates import read_certificate
from ohmstead.lab.tester import Tester
from ohmstead.wire import messages as wire

SECURITY_PROFILE = "SecurityCtrlr.SecurityProfile"


@case(
    "TC_A_19_CS",
    "From security profile 2 to 3",
    requirements=("A05.FR.04", "A05.FR.05", "A05.FR.06"),
    tls=True,
    last=True,
)
async def upgrade(t: Tester) -> None:
    """The station boots over the new profile with its certificate instead of its password, and forgets the old slot.

    The steps that errata 6.2.7 adds are for the way from profile 1 to 2.
    """
    pem = await states_security.renew_charging_station_certificate(t)
    endpoint, wanted = await t.open(2), t.provisioning.security_profile + 1
    old, new = await states_network.prefer(t, endpoint, security_profile=wanted)
    before = len(t.endpoint().attempts)
    await states_network.reset(t)
    await states_network.arrived(t, endpoint, new, step=10)
    tried = len(t.endpoint().attempts) - before
    t.require(8, tried == 0, "attempts with the old profile", 0, tried)
    handshake = endpoint.handshakes[0]
    shown = handshake.tls.client_certificate if handshake.tls is not None else None
    if shown is None:
        t.fail(8, "client certificate", "the one that was signed", "none")
    same = read_certificate(shown).serial_number == read_certificate(pem).serial_number
    t.require(8, same, "client certificate", "the one that was signed", "another one")
    note_password(t, handshake)
    profile = await t.get(SECURITY_PROFILE, step=12)
    t.require(12, profile == str(wanted), SECURITY_PROFILE, wanted, profile)
    priority = await t.get(states_network.PRIORITY, step=14) or ""
    gone = str(old) not in [slot.strip() for slot in priority.split(",")]
    t.require(14, gone, states_network.PRIORITY, f"without slot {old}", priority)


@case("TC_A_22_CS", "Down to security profile 1", requirements=("B09.FR.04",))
async def downgrade(t: Tester) -> None:
    """Rejected, whatever else would be right about the profile (errata 6.2.11)."""
    endpoint = await t.open(2)
    _, free = await states_network.slots(t)
    url = urlsplit(endpoint.url)._replace(scheme="ws").geturl()
    connection = states_network.profile(t, url, security_profile=1)
    request = wire.SetNetworkProfileRequest(configuration_slot=free, connection_data=connection)
    await t.call(request, step=2, status="Rejected")
