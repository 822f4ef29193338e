"""Block N, CustomerInformation: over the wire of a whole site, in virtual time (N09, N10)."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from ohmstead.blocks.n_customer_information import CLEARED, NOTHING, PART, _parts
from ohmstead.edge.virtual_time import run
from ohmstead.product.load import load
from ohmstead.wire import messages as wire
from tests.runtime.site import Site, site

TOKEN = wire.IdToken(id_token="04A1B2C3D4", type=wire.IdTokenEnum.ISO14443)
OTHER = wire.IdToken(id_token="04FFFFFFFF", type=wire.IdTokenEnum.ISO14443)
GROUP = wire.IdToken(id_token="FLEET-7", type=wire.IdTokenEnum.Central)


def play(scene: Callable[[Site], Awaitable[None]], product: str = "sec1000-240y") -> None:
    """Run a scene at a site whose CSMS takes customer information and whose cache is in use."""

    async def life() -> None:
        async with site(product=load(product)) as here:
            info = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Accepted, group_id_token=GROUP)
            here.csms.answers[wire.AuthorizeRequest] = lambda _: wire.AuthorizeResponse(id_token_info=info)
            here.csms.answers[wire.TransactionEventRequest] = lambda event: wire.TransactionEventResponse(
                id_token_info=info if getattr(event, "id_token", None) else None
            )
            takes(here)
            assert await here.set("AuthCacheCtrlr", "Enabled", "true") is wire.SetVariableStatusEnum.Accepted
            await scene(here)

    run(life(), limit=36_000)


def takes(here: Site) -> None:
    """Let the CSMS answer to customer information."""
    here.csms.answers[wire.NotifyCustomerInformationRequest] = lambda _: wire.NotifyCustomerInformationResponse()


async def charged(here: Site, token: wire.IdToken = TOKEN) -> None:
    """Charge for a while, so that the token is in the cache and nothing runs any more."""
    await here.hand.plug(1)
    await here.hand.present(token.id_token)
    await asyncio.sleep(30)
    await here.hand.present(token.id_token)
    await asyncio.sleep(5)
    await here.hand.unplug(1)
    await asyncio.sleep(5)


async def ask(
    here: Site,
    *,
    report: bool = True,
    clear: bool = False,
    request_id: int = 1,
    token: wire.IdToken | None = TOKEN,
    identifier: str | None = None,
    certificate: wire.CertificateHashData | None = None,
) -> wire.CustomerInformationResponse:
    """Send CustomerInformation."""
    return await here.csms.call(
        wire.CustomerInformationRequest(
            request_id=request_id,
            report=report,
            clear=clear,
            id_token=token,
            customer_identifier=identifier,
            customer_certificate=certificate,
        )
    )


def parts(here: Site) -> list[wire.NotifyCustomerInformationRequest]:
    """Return what the CSMS was told."""
    return here.csms.of(wire.NotifyCustomerInformationRequest)


async def answer(here: Site, **asked: object) -> str:
    """Ask, and return the whole text."""
    before = len(parts(here))
    response = await ask(here, **asked)  # type: ignore[arg-type]
    assert response.status is wire.CustomerInformationStatusEnum.Accepted
    await here.csms.until(lambda: len(parts(here)) > before and not parts(here)[-1].tbc)
    return "".join(part.data for part in parts(here)[before:])


def test_a_cached_token_is_reported_with_what_the_csms_said_of_it() -> None:
    """N09.FR.02, N09.FR.05, TC_N_27."""

    async def scene(here: Site) -> None:
        await charged(here)
        text = await answer(here, request_id=7)
        assert "Authorization cache: ISO14443 04A1B2C3D4, Accepted, group Central FLEET-7" in text
        [part] = parts(here)
        assert (part.request_id, part.seq_no, part.tbc) == (7, 0, False)

    play(scene)


def test_a_running_session_is_reported_with_its_transaction() -> None:
    """N09.FR.05."""

    async def scene(here: Site) -> None:
        await here.hand.plug(1)
        await here.hand.present(TOKEN.id_token)
        await here.csms.until(lambda: len(here.csms.events) >= 2)
        text = await answer(here)
        assert "Session at EVSE 1" in text
        assert here.csms.events[0].transaction_info.transaction_id in text

    play(scene)


def test_tokens_compare_without_case_and_with_their_type() -> None:
    """identifierString."""

    async def scene(here: Site) -> None:
        await charged(here)
        lower = wire.IdToken(id_token="04a1b2c3d4", type=wire.IdTokenEnum.ISO14443)
        assert "04A1B2C3D4" in await answer(here, token=lower)
        keyed = wire.IdToken(id_token="04A1B2C3D4", type=wire.IdTokenEnum.KeyCode)
        assert await answer(here, token=keyed) == NOTHING

    play(scene)


@pytest.mark.parametrize("clear", [False, True])
def test_one_message_says_that_nothing_was_found(clear: bool) -> None:
    """N09.FR.06, N10.FR.04, TC_N_28, TC_N_31."""

    async def scene(here: Site) -> None:
        await charged(here)
        assert await answer(here, clear=clear, token=OTHER) == NOTHING
        assert len(parts(here)) == 1

    play(scene)


def test_what_is_cleared_is_reported_once_and_gone_even_after_a_reboot() -> None:
    """N10.FR.03, TC_N_30; another customer's entry stays."""

    async def scene(here: Site) -> None:
        await charged(here)
        await charged(here, OTHER)
        assert "04FFFFFFFF" in await answer(here, token=OTHER)
        assert "04A1B2C3D4" in await answer(here, clear=True)
        assert await answer(here) == NOTHING
        here.csms.received.clear()
        await asyncio.sleep(1)
        await here.hand.reboot()
        await here.csms.until(lambda: len(here.csms.of(wire.StatusNotificationRequest)) >= 2)
        assert await answer(here) == NOTHING
        assert "04FFFFFFFF" in await answer(here, token=OTHER)

    play(scene)


def test_a_cleared_token_is_asked_about_anew() -> None:
    """N10.FR.06: it is out of the cache that is in use, too."""

    async def scene(here: Site) -> None:
        await here.set("AuthCtrlr", "LocalPreAuthorize", "true")
        await charged(here)
        assert await answer(here, report=False, clear=True) == CLEARED
        here.csms.received.clear()
        await here.hand.plug(1)
        await here.hand.present(TOKEN.id_token)
        await here.csms.until(lambda: bool(here.csms.of(wire.AuthorizeRequest)))

    play(scene)


def test_clearing_without_a_report_is_told_in_one_message_whether_there_was_something_or_not() -> None:
    """N10.FR.06, TC_N_32."""

    async def scene(here: Site) -> None:
        assert await answer(here, report=False, clear=True) == CLEARED
        await charged(here)
        assert await answer(here, report=False, clear=True) == CLEARED
        assert len(parts(here)) == 2

    play(scene)


def test_what_a_running_session_needs_is_not_cleared() -> None:
    """N10.FR.05: Rejected until the transaction has ended; it can be reported meanwhile."""

    async def scene(here: Site) -> None:
        await here.hand.plug(1)
        await here.hand.present(TOKEN.id_token)
        await here.csms.until(lambda: len(here.csms.events) >= 2)
        response = await ask(here, clear=True)
        assert response.status is wire.CustomerInformationStatusEnum.Rejected
        assert response.status_info is not None
        assert response.status_info.reason_code == "TxInProgress"
        await here.hand.present(TOKEN.id_token)
        await here.csms.until(lambda: here.csms.events[-1].event_type is wire.TransactionEventEnum.Ended)
        await asyncio.sleep(1)
        assert "04A1B2C3D4" in await answer(here, clear=True)

    play(scene)


def test_messages_that_are_on_their_way_are_reported_and_keep_the_data_from_being_cleared() -> None:
    """N09.FR.05, N10.FR.05: the CSMS answers to no TransactionEvent any more."""

    async def scene(here: Site) -> None:
        attempts = wire.SetVariableData(
            component=wire.Component(name="OCPPCommCtrlr"),
            variable=wire.Variable(name="MessageAttempts", instance="TransactionEvent"),
            attribute_value="9",
        )
        answered = await here.csms.call(wire.SetVariablesRequest(set_variable_data=(attempts,)))
        assert answered.set_variable_result[0].attribute_status is wire.SetVariableStatusEnum.Accepted
        here.csms.answers[wire.TransactionEventRequest] = lambda _: fails()
        await charged(here)
        text = await answer(here)
        assert "Not yet at the CSMS: TransactionEvent Started" in text
        assert "Not yet at the CSMS: TransactionEvent Ended" in text
        response = await ask(here, clear=True)
        assert response.status is wire.CustomerInformationStatusEnum.Rejected

    def fails() -> wire.TransactionEventResponse:
        raise RuntimeError("the CSMS has no database today")

    play(scene)


def test_a_long_report_comes_in_numbered_parts_that_say_whether_more_follows() -> None:
    """N09.FR.05: 20 tokens of one account, at most 512 characters a message."""

    async def scene(here: Site) -> None:
        for number in range(20):
            await here.hand.present(f"04A1B2C3D4{number:02d}")
            await asyncio.sleep(200)
        text = await answer(here, token=None, identifier="fleet-7", request_id=3)
        assert all(f"04A1B2C3D4{number:02d}" in text for number in range(20))
        told = parts(here)
        assert [part.seq_no for part in told] == list(range(len(told)))
        assert [part.tbc for part in told] == [True] * (len(told) - 1) + [False]
        assert {part.request_id for part in told} == {3}
        assert await answer(here, token=None, identifier="FLEET-7", clear=True) == text
        assert await answer(here, token=None, identifier="FLEET-7") == ""

    play(scene, "flagship")


@pytest.mark.parametrize("length", [0, 1, PART, PART + 1, 3 * PART])
def test_a_text_without_lines_is_cut_and_nothing_of_it_is_lost(length: int) -> None:
    """Every part fits."""
    text = "x" * length
    assert "".join(_parts(text)) == text
    assert all(len(part) <= PART for part in _parts(text))


CERTIFICATE = wire.CertificateHashData(
    hash_algorithm=wire.HashAlgorithmEnum.SHA256, issuer_name_hash="00", issuer_key_hash="00", serial_number="1"
)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"token": None}, "Invalid"),
        ({"identifier": "FLEET-7"}, "Invalid"),
        ({"certificate": CERTIFICATE}, "Invalid"),
        ({"report": False}, "Rejected"),
        ({"token": None, "identifier": "FLEET-7"}, "Rejected"),
        ({"token": None, "certificate": CERTIFICATE}, "Rejected"),
    ],
)
def test_what_cannot_be_answered_is_refused_and_nothing_is_told(asked: dict[str, object], status: str) -> None:
    """N09.FR.07, N09.FR.09, N10.FR.07; C-14 = No."""

    async def scene(here: Site) -> None:
        response = await ask(here, **asked)  # type: ignore[arg-type]
        assert response.status == status
        await asyncio.sleep(60)
        assert parts(here) == []

    play(scene)


def test_a_report_of_what_was_cleared_survives_a_power_cut() -> None:
    """N10.FR.03: it is nowhere else any more. It is told in the next run, and then forgotten."""

    async def scene(here: Site) -> None:
        await charged(here)
        here.csms.answers[wire.NotifyCustomerInformationRequest] = lambda _: cut(here)
        response = await ask(here, clear=True)
        assert response.status is wire.CustomerInformationStatusEnum.Accepted
        await here.csms.until(lambda: bool(parts(here)))
        await asyncio.sleep(60)
        here.csms.received.clear()
        await here.hand.restore_power()
        await here.csms.until(lambda: bool(parts(here)))
        assert "04A1B2C3D4" in parts(here)[0].data
        await asyncio.sleep(5)
        assert len(parts(here)) == 1
        await here.hand.reboot()
        await asyncio.sleep(60)
        assert len(parts(here)) == 1

    def cut(here: Site) -> wire.NotifyCustomerInformationResponse:
        takes(here)
        here.background(here.hand.cut_power())
        return wire.NotifyCustomerInformationResponse()

    play(scene)
