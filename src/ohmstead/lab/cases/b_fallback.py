"""Block B: another CSMS that cannot be reached because of its certificate (B10, M05, AS-2)."""

from ohmstead.lab.cases import states_network, states_security
from ohmstead.lab.cases.b_network import ATTEMPTS
from ohmstead.lab.cases.case import WITH_TLS, case
from ohmstead.lab.cases.m_certificates import CSMS, LISTED_CSMS
from ohmstead.lab.cases.m_root_check import followed
from ohmstead.lab.cases.tester import Tester


@case(
    "TC_B_47_CS",
    "Another CSMS that the new root does not vouch for",
    requirements=("B10.FR.03", "B10.FR.07", "M05.FR.12", "M05.FR.15", "M05.FR.16"),
    settings={ATTEMPTS: "1"},
    profiles=WITH_TLS,
    last=True,
)
async def fallback(t: Tester) -> None:
    """One attempt there, without the help of the old root; then the CSMS of before, with it, and the old root stays."""
    await followed(t)
    endpoint = await t.open(2)
    active, _ = await states_network.prefer(t, endpoint)
    await states_network.reset(t)
    await states_network.arrived(t, t.endpoint(), active, step=10)
    tried, entered = len(endpoint.attempts), len(endpoint.handshakes)
    t.require(8, tried == 1, "WebSocket connection: attempts at endpoint 2", 1, tried)
    t.require(8, entered == 0, "WebSocket connection: to endpoint 2, in number", 0, entered)
    chain = await states_security.listed(t, LISTED_CSMS, step=12)
    states_security.require_listed(t, 12, chain, CSMS, t.certificates.csms_root)
