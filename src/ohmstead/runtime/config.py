"""What a station is given at birth, beside its product: who it is, and where its CSMS is."""

import msgspec


class StationConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The provisioning of one station; values that the CSMS changes later live in the store and go first."""

    identity: str
    csms_url: str
    """`ws://` or `wss://`, without the identity."""
    security_profile: int = 2
    password: str | None = None
    without_password: bool = False
    """In security profile 1, until the CSMS sets a password: shows none. For development only."""
    client_certificate: str | None = None
    client_key: str | None = None
    roots: tuple[str, ...] = ()
    """PEM CSMS root certificates."""
    manufacturer_roots: tuple[str, ...] = ()
    """PEM root certificates of who signs firmware."""
    interface: str = ""
    """The network interface that is used first; empty: the first one of the product."""
    max_frame: int = 1 << 20
    """Bytes of the largest frame that is read."""

    def __repr__(self) -> str:
        return f"StationConfig(identity={self.identity!r}, csms_url={self.csms_url!r})"
