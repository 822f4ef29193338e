"""Block A: Basic authentication, and a new password (A00, A01)."""

from base64 import b64encode
from urllib.parse import unquote, urlsplit

from ohmstead.lab.cases import states_security, states_station
from ohmstead.lab.cases.case import WITH_PASSWORD, case
from ohmstead.lab.cases.checks import differs, one_of
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.evidence.digests import traits
from ohmstead.lab.readings.a_security import PASSWORD_AFTER_REBOOT
from ohmstead.lab.rig import Provisioning
from ohmstead.ports.link import Handshake
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import SetVariableStatusEnum

PASSWORD = "SecurityCtrlr.BasicAuthPassword"
RENEWED = "another_horse=another.staple:2"
TOO_SHORT = "only15character"


@case(
    "TC_A_01_CS",
    "The station says who it is with name and password",
    requirements=(
        "A00.FR.202",
        "A00.FR.203",
        "A00.FR.204",
        "A00.FR.205",
        "A00.FR.301",
        "A00.FR.302",
        "A00.FR.304",
        "B01.FR.01",
        "B01.FR.05",
        "B01.FR.09",
    ),
    settings={PASSWORD: Provisioning().password},
    profiles=WITH_PASSWORD,
    tls=True,
)
async def basic_authentication(t: Tester) -> None:
    """The Authorization header is that of the identity at the end of the URL and the configured password.

    A00.FR.205 and A00.FR.304 in the length of the case's text, with the characters of the errata (2.1 and 6.2.1).
    """
    password = t.provisioning.password
    seen = traits(password)
    fits = seen.allowed and 16 <= seen.length <= 40
    t.require(
        1,
        fits,
        "HTTP upgrade: the password in Authorization",
        "a passwordString of 16 to 40 characters",
        f"{seen.length} characters",
    )
    made = len(t.endpoint().handshakes)
    await states_station.booted(t)
    _check(t, 1, _first_after(t, made, step=1), password)


@case(
    "TC_A_09_CS",
    "A new password is taken",
    requirements=("A01.FR.01", "A01.FR.11", "A01.FR.12", "B01.FR.01"),
    readings=(PASSWORD_AFTER_REBOOT,),
    profiles=WITH_PASSWORD,
    tls=True,
    last=True,
)
async def new_password(t: Tester) -> None:
    """Accepted, and the next connection shows it; where a reboot is needed, the station boots over that one."""
    endpoint = t.endpoint()
    made, before = len(endpoint.handshakes), endpoint.exchange
    t.rules.disturbed = True
    status = await t.try_set(PASSWORD, RENEWED, step=2)
    either = one_of("Accepted", "RebootRequired")
    wanted = differs(PASSWORD_AFTER_REBOOT, specification="Accepted", tool=either)
    t.compare(2, "SetVariablesResponse.setVariableResult.0.attributeStatus", status.value, wanted)
    if status is SetVariableStatusEnum.RebootRequired:
        await states_station.booted(t)
    else:
        await states_security.anew(t, endpoint, before, step=3)
    _check(t, 3, _first_after(t, made, step=3), RENEWED)
    await t.elapse(t.settle)
    for event in t.received(wire.SecurityEventNotificationRequest):
        told = RENEWED in (event.tech_info or "")
        t.require(3, not told, "SecurityEventNotificationRequest.techInfo", "without the password", "with it")


@case(
    "TC_A_10_CS",
    "A password that is too short",
    requirements=("A01.FR.01", "A01.FR.11", "A01.FR.12"),
    profiles=WITH_PASSWORD,
    tls=True,
)
async def short_password(t: Tester) -> None:
    """Rejected, and the station boots with the password that it had."""
    await t.set(PASSWORD, TOO_SHORT, step=2, status="Rejected")
    made = len(t.endpoint().handshakes)
    await states_station.booted(t)
    _check(t, 3, _first_after(t, made, step=3), t.provisioning.password)


def _first_after(t: Tester, made: int, *, step: int | str) -> Handshake:
    """Return the first handshake after so many."""
    made_now = t.endpoint().handshakes
    t.require(step, len(made_now) > made, "HTTP upgrade", "another one", "none")
    return made_now[made]


def _check(t: Tester, step: int | str, handshake: Handshake, password: str) -> None:
    """The header holds identity and password, nothing else (RFC 7617)."""
    identity = unquote(urlsplit(handshake.url).path.rpartition("/")[2])
    same = identity == t.provisioning.identity
    t.require(step, same, "HTTP upgrade: identity at the end of the URL", t.provisioning.identity, identity)
    wanted = f"Basic {b64encode(f'{identity}:{password}'.encode()).decode()}"
    t.require(step, handshake.user == identity, "HTTP upgrade: user in Authorization", identity, handshake.user)
    right = handshake.authorization == wanted
    t.require(
        step,
        right,
        "HTTP upgrade: Authorization",
        "Basic <identity:password>, Base64",
        "another header, or another password",
    )
