"""Block A: the TLS handshake, with a good server and with those that a station must not talk to (A00)."""

from ohmstead.lab.cases import states_network, states_security, states_station
from ohmstead.lab.cases.case import WITH_CERTIFICATE, WITH_PASSWORD, WITH_TLS, case
from ohmstead.lab.cases.checks import differs, one_of
from ohmstead.lab.cases.endpoint import Endpoint
from ohmstead.lab.cases.parsed_certificates import read_certificate
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.client_hello import TLS12, VERSIONS, ClientHello
from ohmstead.lab.readings.a_security import OLD_TLS_TOLD
from ohmstead.lab.rig import Attempt, ServerFault
from ohmstead.ports.link import Handshake
from ohmstead.product.features import SUITE_PAIRS, has_pair
from ohmstead.wire import messages as wire

INVALID = (
    ServerFault.Expired,
    ServerFault.NotYetValid,
    ServerFault.UnknownRoot,
    ServerFault.WrongName,
    ServerFault.Wildcard,
)
"""What errata 6.2.3 tries."""
TOLD = "InvalidTLSVersion"
REPORTS = ("InvalidCsmsCertificate", TOLD, "InvalidTLSCipherSuite")
SHORT_WAITS = {
    "OCPPCommCtrlr.RetryBackOffWaitMinimum": "2",
    "OCPPCommCtrlr.RetryBackOffRandomRange": "0",
    "OCPPCommCtrlr.RetryBackOffRepeatTimes": "2",
}
"""Seconds between attempts, so that a run does not take an hour."""
ATTEMPTS = "OCPPCommCtrlr.NetworkProfileConnectionAttempts"


# Good servers


@case(
    "TC_A_04_CS",
    "A server with a valid certificate",
    requirements=(
        "A00.FR.309",
        "A00.FR.312",
        "A00.FR.313",
        "A00.FR.319",
        "A00.FR.321",
        "A00.FR.412",
        "A00.FR.422",
    ),
    profiles=WITH_TLS,
    tls=True,
)
async def valid_server(t: Tester) -> None:
    """TLS 1.2 or more, a pair of suites that every CSMS has, no compression; then the station boots over it."""
    handshake, _ = await _boot_over_tls(t)
    if t.provisioning.security_profile in WITH_PASSWORD:
        basic = handshake.authorization is not None
        t.require(5, basic, "HTTP upgrade: Authorization in security profile 2", "a user and a password", "none")


@case(
    "TC_A_07_CS",
    "The station shows a certificate",
    requirements=(
        "A00.FR.401",
        "A00.FR.402",
        "A00.FR.415",
        "A00.FR.416",
        "A00.FR.422",
        "A00.FR.502",
        "A00.FR.503",
        "A00.FR.507",
        "A00.FR.508",
        "A00.FR.511",
    ),
    profiles=WITH_CERTIFICATE,
    tls=True,
)
async def client_certificate(t: Tester) -> None:
    """A strong key, a serial number, and the serial number of the station as its common name."""
    handshake, boot = await _boot_over_tls(t)
    pem = handshake.tls.client_certificate if handshake.tls is not None else None
    if pem is None:
        t.fail(3, "TLS handshake: client certificate", "one", "none")
    shown = read_certificate(pem)
    t.require(
        4,
        shown.strong,
        "TLS handshake: key of the client certificate",
        "RSA or DSA of 2048 bits, EC of 224",
        f"{shown.key_kind} {shown.key_bits}",
    )
    t.require(
        4, shown.serial_number > 0, "TLS handshake: serial number of the client certificate", "one", shown.serial_number
    )
    # BootNotification need not tell the serial number; then any name may be it.
    wanted = boot.charging_station.serial_number or shown.common_name or "a serial number"
    t.require(
        4,
        shown.common_name == wanted,
        "TLS handshake: commonName of the client certificate",
        wanted,
        shown.common_name or "none",
    )
    note_password(t, handshake)


def note_password(t: Tester, handshake: Handshake) -> None:
    """Note a user and a password beside the certificate: nobody needs them there, and nobody forbids them."""
    if handshake.authorization is not None:
        t.note("the station shows a user and a password in security profile 3, too")


async def _boot_over_tls(t: Tester) -> tuple[Handshake, wire.BootNotificationRequest]:
    """Boot, and look at the ClientHello; returns how the connection was opened, and the BootNotification."""
    endpoint = t.endpoint()
    await states_station.booting(t)
    made = len(endpoint.handshakes)
    await t.reconnect()
    handshake = endpoint.handshakes[made]
    _check_hello(t, endpoint.attempts[-1])
    version = "none" if handshake.tls is None else handshake.tls.version
    t.require(2, version in ("TLSv1.2", "TLSv1.3"), "TLS handshake: version", "1.2 or above", version)
    boot = await states_station.check_boot(t, step="7", reason=one_of("RemoteReset"))
    return handshake, boot


def _check_hello(t: Tester, attempt: Attempt) -> None:
    hello = attempt.hello
    if hello is None:
        t.inconclusive("this bench does not show the ClientHello")
    versions = ", ".join(VERSIONS.get(version, hex(version)) for version in hello.versions)
    t.require(2, max(hello.versions) >= TLS12, "TLS handshake: versions offered", "1.2 or above", versions)
    if min(hello.versions) < TLS12:
        # To offer is not to use (A00.FR.313): TC_A_06 sees whether the station looks at what was agreed on.
        t.note(f"the ClientHello offers {versions}")
    wanted = " or ".join(" and ".join(pair) for pair in SUITE_PAIRS)
    offered = ", ".join(hello.cipher_suites)
    t.require(2, has_pair(hello.cipher_suites), "TLS handshake: cipher suites offered", wanted, offered)
    t.require(2, _uncompressed(hello), "TLS handshake: compression offered", "none", hello.compressions)


def _uncompressed(hello: ClientHello) -> bool:
    return hello.compressions == (0,)


# Servers that a station must not talk to


async def _one_slot(t: Tester) -> None:
    """NetworkConfigurationPriority holds the slot in use and no other (errata 6.2.2)."""
    active, _ = await states_network.slots(t)
    if await t.get(states_network.PRIORITY) != str(active):
        await t.set(states_network.PRIORITY, str(active), status=one_of("Accepted", "RebootRequired"))


@case(
    "TC_A_05_CS",
    "Servers with certificates that are not valid",
    requirements=("A00.FR.309", "A00.FR.310", "A00.FR.311", "A00.FR.412", "A00.FR.413", "A00.FR.414"),
    settings={**SHORT_WAITS, ATTEMPTS: "3", "SecurityCtrlr.AllowCSMSTLSWildcards": "false"},
    begin=_one_slot,
    profiles=WITH_TLS,
    tls=True,
)
async def invalid_server(t: Tester) -> None:
    """Each of them is left before anything is said to it, and reported once the good one is back (errata 6.2.2/3)."""
    endpoint = t.endpoint()
    before, left = endpoint.exchange, t.now()
    await t.disconnect(refuse=False)
    await states_security.anew(t, endpoint, before, step=2)
    usual = t.now() - left
    for fault in INVALID:
        await _meet_invalid(t, endpoint, fault, usual)


async def _meet_invalid(t: Tester, endpoint: Endpoint, fault: ServerFault, usual: float) -> None:
    """Steps 4 to 11, with a server that shows one fault for twice the usual time to reconnect."""
    before, told = endpoint.exchange, _reports(t)
    tried, spoken = len(endpoint.attempts), len(endpoint.handshakes)
    endpoint.pretend(fault)
    await t.disconnect(refuse=False)
    await t.elapse(2 * usual)
    tries = len(endpoint.attempts) - tried
    t.require(5, tries > 0, f"WebSocket connection: attempts to make it ({fault})", "one", 0)
    t.require(7, len(endpoint.handshakes) == spoken, f"HTTP upgrade: requests ({fault})", "none", "one")
    endpoint.accept()
    await states_security.anew(t, endpoint, before, step=8)
    await states_station.security_event(t, "InvalidCsmsCertificate", step=f"10 {fault}")
    await t.elapse(t.settle)
    reports = _reports(t)[len(told) :]
    right = set(reports) == {"InvalidCsmsCertificate"} and len(reports) <= tries
    t.require(
        11,
        right,
        f"SecurityEventNotificationRequest.type: of all that came ({fault})",
        f"InvalidCsmsCertificate, {tries} at most",
        ", ".join(reports),
    )


def _reports(t: Tester) -> list[str]:
    """Return the types of the security events about a CSMS that have come so far."""
    return [event.type for event in t.received(wire.SecurityEventNotificationRequest) if event.type in REPORTS]


@case(
    "TC_A_06_CS",
    "Servers of old TLS versions",
    requirements=("A00.FR.314", "A00.FR.316", "A00.FR.416", "A00.FR.417", "A00.FR.419"),
    readings=(OLD_TLS_TOLD,),
    settings={**SHORT_WAITS, ATTEMPTS: "1"},
    profiles=WITH_TLS,
    tls=True,
)
async def old_version(t: Tester) -> None:
    """Each of them is left before anything is said to it; the station boots over TLS 1.2, and reports it."""
    for fault in (ServerFault.Tls10, ServerFault.Tls11):
        await _meet_old(t, t.endpoint(), fault)


async def _meet_old(t: Tester, endpoint: Endpoint, fault: ServerFault) -> None:
    told = _reports(t)
    tried, spoken = len(endpoint.attempts), len(endpoint.handshakes)
    endpoint.pretend(fault)
    await states_station.booting(t, refuse=False)
    deadline = t.now() + 300
    while len(endpoint.attempts) == tried:
        t.require(1, t.now() < deadline, f"WebSocket connection: attempts to make it ({fault})", "one", 0)
        await t.elapse(0.1)
    await t.elapse(t.settle)
    t.require(3, len(endpoint.handshakes) == spoken, f"HTTP upgrade: requests ({fault})", "none", "one")
    await t.reconnect()
    await states_station.check_boot(t, step="10", reason=one_of("RemoteReset"))
    await t.elapse(t.settle)
    reports = _reports(t)[len(told) :]
    t.require(
        16,
        set(reports) <= {TOLD},
        f"SecurityEventNotificationRequest.type: of all that came ({fault})",
        TOLD,
        ", ".join(reports),
    )
    wanted = differs(OLD_TLS_TOLD, specification=TOLD, tool=one_of(TOLD, None))
    t.compare(f"16 {fault}", "SecurityEventNotificationRequest.type", reports[0] if reports else None, wanted)
