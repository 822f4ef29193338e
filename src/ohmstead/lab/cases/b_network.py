"""Block B: network connection profiles (B09, B10), and the back-off of Part 4, 5.3."""

from ohmstead.lab.cases import states_network, states_station
from ohmstead.lab.cases.case import WITH_TLS, case
from ohmstead.lab.cases.checks import Wanted, differs, one_of
from ohmstead.lab.cases.endpoint import Endpoint
from ohmstead.lab.cases.runner import configure
from ohmstead.lab.cases.states_station import ANYTHING
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.b_boot import BOOT_AFTER_OUTAGE
from ohmstead.lab.readings.b_network import AFTER_ALL_ATTEMPTS, BACK_OFF
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import InstallCertificateUseEnum

NO_SLOT = 999
WAIT_MINIMUM = "OCPPCommCtrlr.RetryBackOffWaitMinimum"
RANDOM_RANGE = "OCPPCommCtrlr.RetryBackOffRandomRange"
REPEAT_TIMES = "OCPPCommCtrlr.RetryBackOffRepeatTimes"
ATTEMPTS = "OCPPCommCtrlr.NetworkProfileConnectionAttempts"


def _wait(t: Tester) -> int:
    """Return seconds of a RetryBackOffWaitMinimum that is well above the tolerance."""
    return max(4, round(4 * t.rig.tolerance))


async def _back_off(t: Tester) -> None:
    """Waits between attempts that are short and can be measured."""
    await configure(t, {WAIT_MINIMUM: str(_wait(t)), RANDOM_RANGE: "0"})


async def _attempted(t: Tester, endpoint: Endpoint, count: int, *, step: int | str) -> float:
    """Wait until so many attempts have been made at an endpoint; returns when the last of them began."""
    deadline = t.now() + 300
    while len(endpoint.attempts) < count:
        if t.now() > deadline:
            t.fail(step, f"WebSocket connection: attempts at endpoint {endpoint.number}", count, len(endpoint.attempts))
        await t.elapse(0.05)
    return endpoint.attempts[count - 1].at


@case("TC_B_43_CS", "A profile for a slot that is not there", requirements=("B09.FR.02",))
async def unknown_slot(t: Tester) -> None:
    """Rejected."""
    connection = states_network.profile(t, t.endpoint().url)
    request = wire.SetNetworkProfileRequest(configuration_slot=NO_SLOT, connection_data=connection)
    await t.call(request, step=2, status="Rejected")


@case(
    "TC_B_45_CS",
    "Another profile goes first",
    requirements=("B09.FR.01", "B10.FR.01", "B10.FR.04", "B10.FR.06"),
)
async def migrate(t: Tester) -> None:
    """After the reset the station boots at the endpoint of the new profile, and tries no other before."""
    endpoint = await t.open(2)
    _, free = await states_network.prefer(t, endpoint)
    before = len(t.endpoint().attempts)
    await states_network.reset(t)
    await states_network.arrived(t, endpoint, free, step=7)
    tried = len(t.endpoint().attempts) - before
    t.require(7, tried == 0, "WebSocket connection: attempts at endpoint 1 after the reset", 0, tried)


@case(
    "TC_B_46_CS",
    "The profile that goes first stays silent",
    requirements=("B10.FR.03", "B10.FR.04"),
    settings={ATTEMPTS: "2"},
    begin=_back_off,
)
async def silent_endpoint(t: Tester) -> None:
    """As many attempts as configured at the first slot, then the station boots over the second one."""
    endpoint = await t.open(2)
    active, _ = await states_network.prefer(t, endpoint)
    endpoint.hold()
    await states_network.reset(t)
    await states_network.arrived(t, t.endpoint(), active, step=9)
    tried = len(endpoint.attempts)
    t.require(7, tried == 2, "WebSocket connection: attempts at endpoint 2", 2, tried)


@case(
    "TC_B_49_CS",
    "Every profile has failed",
    requirements=("B10.FR.03", "B10.FR.07", "B10.FR.08", "B10.FR.09"),
    readings=(AFTER_ALL_ATTEMPTS, BACK_OFF),
    settings={ATTEMPTS: "1", REPEAT_TIMES: "0"},
    begin=_back_off,
)
async def all_fail(t: Tester) -> None:
    """One attempt at each slot, then after RetryBackOffWaitMinimum again the one that worked last, or all of them."""
    endpoint, known = await t.open(2), t.endpoint()
    active, _ = await states_network.prefer(t, endpoint)
    endpoint.reject()
    known.reject()
    before = len(known.attempts)
    await states_network.reset(t)
    await _attempted(t, endpoint, 1, step=7)
    refused = await _attempted(t, known, before + 1, step=9)
    known.accept()
    again = await _attempted(t, known, before + 2, step=11)
    await states_network.arrived(t, known, active, step=13)
    between = [one.at for one in endpoint.attempts if refused < one.at < again]
    all_again = differs(AFTER_ALL_ATTEMPTS, specification=one_of(0, 1), tool=0)
    t.compare(11, "WebSocket connection: attempts at endpoint 2 in between", len(between), all_again)
    if not between:
        _check_wait(t, 11, again - refused, _wait(t))


def _check_wait(t: Tester, step: int, waited: float, wanted: float) -> None:
    """At least so long, and no multiple of it."""
    missing = [key for key in (WAIT_MINIMUM, RANDOM_RANGE, REPEAT_TIMES) if key not in t.settings]
    if missing:
        t.note(f"how long the station waits before an attempt is not looked at: there is no {' and no '.join(missing)}")
        return
    field, words = "WebSocket connection: wait before the attempt", f"{wanted:g} s"
    t.require(step, waited >= wanted - t.rig.tolerance, field, words, f"{waited:.2f} s")
    about = Wanted(f"about {words}", lambda _: waited < 1.6 * wanted)
    t.compare(step, field, f"{waited:.2f} s", differs(BACK_OFF, specification=about, tool=ANYTHING))


@case(
    "TC_B_50_CS",
    "A profile of another CSMS under another root",
    requirements=("B10.FR.04", "M05.FR.13"),
    profiles=WITH_TLS,
    last=True,
)
async def new_root(t: Tester) -> None:
    """With its root installed the new CSMS is trusted: the station boots there."""
    endpoint = await t.open(2, own_root=True)
    kind = InstallCertificateUseEnum.CSMSRootCertificate
    await states_station.certificate_installed(t, kind, endpoint.root)
    _, free = await states_network.prefer(t, endpoint)
    await states_network.reset(t)
    await states_network.arrived(t, endpoint, free, step=9)


@case(
    "TC_B_57_CS",
    "The connection is lost, twice",
    requirements=(),
    readings=(BACK_OFF, BOOT_AFTER_OUTAGE),
    settings={ATTEMPTS: "3", REPEAT_TIMES: "2"},
    begin=_back_off,
)
async def back_off(t: Tester) -> None:
    """RetryBackOffWaitMinimum before the first attempt after each loss, the double before the next (Part 4, 5.3)."""
    endpoint, wanted = t.endpoint(), _wait(t)
    made = len(endpoint.attempts)
    lost = t.now()
    await t.disconnect(refuse=False)
    first = await _attempted(t, endpoint, made + 1, step=2)
    _check_wait(t, 2, first - lost, wanted)
    await t.connection(step=3)
    await states_station.check_silent_return(t, 3)
    endpoint.reject()
    lost = t.now()
    await t.disconnect(refuse=False)
    second = await _attempted(t, endpoint, made + 2, step=5)
    _check_wait(t, 5, second - lost, wanted)
    endpoint.accept()
    third = await _attempted(t, endpoint, made + 3, step=7)
    _check_wait(t, 7, third - second, 2 * (second - lost))
    await t.connection(step=8)
    await states_station.check_silent_return(t, 8)
