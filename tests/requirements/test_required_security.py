"""What a station shows of itself, and what it never shows (A00, A01, A03)."""

import asyncio
from datetime import timedelta

from ohmstead.edge.virtual_time import run
from ohmstead.wire import messages as wire
from tests.requirements.charging import charge
from tests.runtime.own_certificate import AUTHORITY, VALID, config, owned
from tests.runtime.site import CONFIG, site


def test_a_station_shows_what_its_security_profile_says_and_nothing_else() -> None:
    """A00.FR.001: one profile at a time. A00.FR.303: the user name is the identity.

    A00.FR.004: the profile is there before the first connection.
    """

    async def scenario() -> None:
        async with site() as here:
            shown = here.listener.links[-1].handshake
            assert (shown.user, shown.password) == (CONFIG.identity, CONFIG.password)
            assert shown.tls is not None
            assert shown.tls.client_certificate_subject is None
        async with owned() as owner:
            shown = owner.here.listener.links[-1].handshake
            assert (shown.user, shown.password) == (None, None)
            assert owner.shown

    run(scenario(), limit=3600)


def test_an_expired_certificate_is_shown_all_the_same() -> None:
    """A00.FR.430: whether to take it is the decision of the CSMS."""

    async def scenario() -> None:
        expired = config(timedelta(days=-1))
        async with site(config=expired) as here:
            tls = here.listener.links[-1].handshake.tls
            assert tls is not None
            assert tls.client_certificate_subject

    run(scenario(), limit=3600)


def test_each_station_has_a_certificate_of_its_own() -> None:
    """A00.FR.427: two stations of one product ask for certificates with different keys."""
    requests: list[str] = []

    async def scenario() -> None:
        async with owned() as owner:
            requests.append(await owner.ask())

    run(scenario(), limit=3600)
    run(scenario(), limit=3600)
    assert requests[0] != requests[1]


def test_a_private_key_is_in_no_message() -> None:
    """A03.FR.05: not in a renewal, in no report, and in no answer to a question."""

    async def scenario() -> None:
        async with owned() as owner:
            here = owner.here
            csr = await owner.ask()
            names = here.client_keys.names()
            keys = [here.client_keys.key(name) or "" for name in names]
            assert keys
            assert await owner.deliver(AUTHORITY.sign_csr(csr, validity=VALID)) == "Accepted"
            await asyncio.sleep(30)
            await here.csms.call(wire.GetBaseReportRequest(request_id=1, report_base=wire.ReportBaseEnum.FullInventory))
            await asyncio.sleep(30)
            await charge(here)
            said = "\n".join(text for _, _, text in here.csms.frames)
            secret = [line for key in keys for line in key.splitlines() if len(line) == 64]
            assert secret
            assert not [line for line in secret if line in said]
            assert "PRIVATE KEY" not in said

    run(scenario(), limit=3600)
