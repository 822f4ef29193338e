"""What the back office says of tokens."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from ohmstead.csms.settings import CsmsSettings, CsmsToken
from ohmstead.csms.token_registry import TokenRegistry
from ohmstead.wire import messages as m
from ohmstead.wire.messages import AuthorizationStatusEnum as Status
from ohmstead.wire.messages import IdTokenEnum
from tests.csms.office import World, run, token

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def wallet(*tokens: CsmsToken, **changes: int) -> TokenRegistry:
    settings = CsmsSettings(tokens=tokens) if tokens else CsmsSettings()
    return TokenRegistry(msgspec.structs.replace(settings, **changes), lambda: NOW)


@pytest.mark.parametrize(
    ("id_token", "status"),
    [
        ("04A1B2C3", Status.Accepted),
        ("04a1b2c3", Status.Accepted),
        ("04B10C4ED0C0DE", Status.Blocked),
        ("04E0D1ED", Status.Expired),
        ("04FFFFFF", Status.Unknown),
    ],
)
def test_the_default_wallet(id_token: str, status: Status) -> None:
    assert wallet().info(token(id_token)).status is status


def test_cards_of_a_group_share_its_id() -> None:
    groups = [wallet().info(token(number)).group_id_token for number in ("04F00001", "04F00002")]
    assert groups[0] == groups[1] == m.IdToken(id_token="FLEET", type=IdTokenEnum.Central)


def test_the_master_pass_carries_the_master_group() -> None:
    info = wallet().info(token("04AD3157E12A00"))
    assert info.group_id_token is not None
    assert info.group_id_token.id_token == CsmsSettings().master_pass_group
    assert [card.label for card in wallet().cards() if card.master] == ["Site manager"]


def test_no_authorization_is_accepted_and_an_unknown_key_code_is_invalid() -> None:
    assert wallet().info(token("", IdTokenEnum.NoAuthorization)).status is Status.Accepted
    assert wallet().info(token("1234", IdTokenEnum.KeyCode)).status is Status.Invalid


def test_the_type_is_part_of_a_token() -> None:
    assert wallet().info(token("04A1B2C3", IdTokenEnum.Central)).status is Status.Unknown


def test_a_token_expires_at_its_moment() -> None:
    late, early = (
        CsmsToken(id_token="04A1B2C3", expires=NOW),
        CsmsToken(id_token="04D4E5F6", expires=NOW + timedelta(hours=1)),
    )
    asked = wallet(late, early)
    assert asked.info(token(late.id_token)).status is Status.Expired
    info = asked.info(token(early.id_token))
    assert (info.status, info.cache_expiry_date_time) == (Status.Accepted, early.expires)


def test_the_cache_life_is_told_and_never_longer_than_the_token() -> None:
    soon = NOW + timedelta(seconds=10)
    asked = wallet(CsmsToken(id_token="04A1B2C3"), CsmsToken(id_token="04D4E5F6", expires=soon), cache_seconds=60)
    assert asked.info(token("04A1B2C3")).cache_expiry_date_time == NOW + timedelta(seconds=60)
    assert asked.info(token("04D4E5F6")).cache_expiry_date_time == soon


def test_allowed_evses_language_and_message_are_passed_on() -> None:
    info = wallet(CsmsToken(id_token="04A1B2C3", evse_ids=(2,), language="de", personal_message="Hallo")).info(
        token("04A1B2C3")
    )
    assert (info.evse_id, info.language1) == ((2,), "de")
    assert info.personal_message == m.MessageContent(format=m.MessageFormatEnum.UTF8, language="de", content="Hallo")


def test_authorize_over_the_wire_and_a_contract_certificate_that_nobody_can_check() -> None:
    async def main() -> None:
        world = World()
        async with world.station() as station:
            await station.boot()
            plain = await station.call(m.AuthorizeRequest(id_token=token("04A1B2C3")))
            contract = await station.call(
                m.AuthorizeRequest(id_token=token("DE8AAABBBB", IdTokenEnum.eMAID), certificate="PEM")
            )
        assert plain.id_token_info.status is Status.Accepted
        assert contract.id_token_info.status is Status.Invalid
        assert contract.certificate_status is m.AuthorizeCertificateStatusEnum.CertChainError

    run(main)
