"""What the case texts call "Configured ...": tokens, group, places, durations, default points; `lab.toml` overrides."""

from pathlib import Path

import msgspec

from ohmstead.lab.cases.dialect import Dialect
from ohmstead.product.bounded import read_bounded
from ohmstead.product.profile import Measurands
from ohmstead.wire.messages import IdToken, IdTokenEnum


class ConfigError(Exception):
    """A lab.toml that cannot be used."""


class LabToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One token that the lab can present."""

    id_token: str
    type: IdTokenEnum = IdTokenEnum.ISO14443
    made_of: str = ""
    """What tokens of other types are made of that stand for this one; empty: of `id_token`."""

    @property
    def wire(self) -> IdToken:
        """The token as it travels."""
        return IdToken(id_token=self.id_token, type=self.type)


class LabConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The configuration of a lab run."""

    valid: LabToken = LabToken("04A1B2C3D4E5F6")
    """The valid token; also the one that starts transactions."""
    valid2: LabToken = LabToken("04B7C8D9EAFB01")
    """Another valid token."""
    invalid: LabToken = LabToken("0400DEADBEEF00")
    master: LabToken = LabToken("04F00DCAFE0042")
    group: str = "FLEET-7"
    """GroupId; its type is Central."""
    master_group: str = "MASTERS"
    """MasterPassGroupId."""
    evse_id: int = 1
    connector_id: int = 1
    evse_id2: int = 0
    """The EVSE for cases that charge at two; 0: the first one that is not `evse_id`."""
    remote: bool = False
    """Authorize and stop by RequestStart/StopTransaction instead of by the token."""
    start_points: str = ""
    """TxStartPoint for cases that ask for no other: those of it that the product has; none: the product's own."""
    stop_points: str = ""
    """TxStopPoint, likewise."""
    security_profile: int | None = None
    """The security profile in which a station of ours begins those cases that can begin in it; None: the usual one."""
    transaction_duration: float = 5.0
    """Seconds to charge before something is stopped."""
    vendor_id: str = "org.example.lab"
    """A vendor whose extensions no station knows."""
    message_id: str = "nothing"
    slot: int = 1
    """Network profile slot that the station is provisioned with."""
    slot2: int = 2
    """The slot that a second profile is written to."""
    interface: str = ""
    """ocppInterface of the profiles that the lab sets; empty: the first one of the product."""
    file_protocol: str = ""
    """Protocol of uploads and downloads, one of the product's; empty: each case takes another one of them."""
    measurands: Measurands = Measurands()
    """What is measured, list by list; an empty list: what of the product's own every EVSE has at any time."""
    customer: str = ""
    """customerIdentifier that somebody has stored at the station; empty: it learns one as the group of a token."""
    message_timeout: int = 5
    """messageTimeout of the profiles that the lab sets, seconds; by it late dialects answer."""
    dialect: Dialect = Dialect.Plain
    """How the lab writes what it says as the CSMS, and when it answers."""
    settings: dict[str, str] = {}
    """Variables to set before every case, beside those that it asks for."""


def load(path: Path | None) -> LabConfig:
    """Read a lab.toml; None gives the defaults. Raises ConfigError."""
    if path is None:
        return LabConfig()
    try:
        return msgspec.toml.decode(read_bounded(path), type=LabConfig)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None
