"""Block A: from one security profile to the next, and never down (A05)."""

from urllib.parse import urlsplit

from ohmstead.lab.cases import states_network, states_security, states_station
from ohmstead.lab.cases.a_tls import note_password
from ohmstead.lab.cases.b_network import RANDOM_RANGE, REPEAT_TIMES, WAIT_MINIMUM
from ohmstead.lab.cases.case import WITH_PASSWORD, WITH_TLS, case
from ohmstead.lab.cases.endpoint import Endpoint
from ohmstead.lab.cases.parsed_certificates import read_certificate
from ohmstead.lab.cases.runner import configure
from ohmstead.lab.cases.tester import PLAIN_PROFILE, Tester
from ohmstead.ports.link import Handshake
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import InstallCertificateUseEnum

SECURITY_PROFILE = "SecurityCtrlr.SecurityProfile"
LONG = 40.0
"""Seconds in which a station that has lost its CSMS goes through all its profiles: the long operation timeout."""


@case(
    "TC_A_19_CS",
    "From one security profile to the next",
    requirements=("A05.FR.04", "A05.FR.05", "A05.FR.06"),
    profiles=WITH_PASSWORD,
    rises=True,
    tls=True,
    last=True,
)
async def upgrade(t: Tester) -> None:
    """The station boots over the new profile with what belongs to it, and forgets the old slot.

    The next higher one that the product has: from 2 to 3 where it has both, unless `lab.toml` says otherwise.
    """
    above = [one for one in t.product.security.profiles if one > t.provisioning.security_profile]
    if not above:
        t.inconclusive("there is no higher security profile to go to")
    certified = above[0] == states_security.CERTIFIED_PROFILE
    pem = await states_security.renew_charging_station_certificate(t) if certified else None
    if t.provisioning.security_profile == PLAIN_PROFILE:
        endpoint = await _to_tls(t, above[0])
    else:
        endpoint = await t.open(2)
        await _upgrade(t, endpoint, above[0])
    if pem is not None:
        _check_certificate(t, endpoint.handshakes[0], pem)
    if t.provisioning.security_profile == PLAIN_PROFILE:
        await _stays(t, endpoint)


def _check_certificate(t: Tester, handshake: Handshake, pem: str) -> None:
    """In profile 3 the station shows the certificate that was signed for it."""
    shown = handshake.tls.client_certificate if handshake.tls is not None else None
    if shown is None:
        t.fail(8, "TLS handshake: client certificate", "the one that was signed", "none")
    same = read_certificate(shown).serial_number == read_certificate(pem).serial_number
    t.require(8, same, "TLS handshake: client certificate", "the one that was signed", "another one")
    note_password(t, handshake)


async def _to_tls(t: Tester, wanted: int) -> Endpoint:
    """From profile 1 to one with TLS: the root of the CSMS is installed first; returns the endpoint with TLS."""
    endpoint = await t.open(2, own_root=True)
    if urlsplit(endpoint.url).scheme != "wss":
        t.inconclusive("a second endpoint, with TLS, is needed")
    await states_station.certificate_installed(t, InstallCertificateUseEnum.CSMSRootCertificate, endpoint.root)
    await configure(t, {WAIT_MINIMUM: "4", RANDOM_RANGE: "0", REPEAT_TIMES: "0"})
    await _upgrade(t, endpoint, wanted)
    t.require(8, endpoint.handshakes[0].tls is not None, "TLS handshake", "agreed", "none")
    if wanted in WITH_PASSWORD:
        user = endpoint.handshakes[0].user
        t.require(
            8, user == t.provisioning.identity, "HTTP upgrade: user in Authorization", t.provisioning.identity, user
        )
    return endpoint


async def _stays(t: Tester, endpoint: Endpoint) -> None:
    """It would rather stay away than go back to profile 1 (errata 6.2.7)."""
    before, tried = len(t.endpoint().attempts), len(endpoint.attempts)
    await t.disconnect()
    t.endpoint().plain()
    await t.elapse(LONG)
    t.require(16, len(endpoint.attempts) > tried, "WebSocket connection: attempts at endpoint 2", "some", "none")
    again = len(t.endpoint().attempts) - before
    t.require(16, again == 0, "WebSocket connection: attempts with security profile 1", 0, again)
    await t.reconnect(number=2)


async def _upgrade(t: Tester, endpoint: Endpoint, wanted: int) -> None:
    """Steps 1 to 14, to a security profile."""
    old, new = await states_network.prefer(t, endpoint, security_profile=wanted)
    before = len(t.endpoint().attempts)
    await states_network.reset(t)
    await states_network.arrived(t, endpoint, new, step=10)
    tried = len(t.endpoint().attempts) - before
    t.require(8, tried == 0, "WebSocket connection: attempts with the old profile", 0, tried)
    profile = await t.get(SECURITY_PROFILE, step=12)
    t.require(12, profile == str(wanted), f"GetVariablesResponse: {SECURITY_PROFILE}", wanted, profile)
    priority = await t.get(states_network.PRIORITY, step=14) or ""
    gone = str(old) not in [slot.strip() for slot in priority.split(",")]
    t.require(14, gone, f"GetVariablesResponse: {states_network.PRIORITY}", f"without slot {old}", priority)


@case("TC_A_22_CS", "Down to security profile 1", requirements=("B09.FR.04",), profiles=WITH_TLS)
async def downgrade(t: Tester) -> None:
    """Rejected, whatever else would be right about the profile (errata 6.2.11)."""
    endpoint = await t.open(2)
    _, free = await states_network.slots(t)
    url = urlsplit(endpoint.url)._replace(scheme="ws").geturl()
    connection = states_network.profile(t, url, security_profile=1)
    request = wire.SetNetworkProfileRequest(configuration_slot=free, connection_data=connection)
    await t.call(request, step=2, status="Rejected")
