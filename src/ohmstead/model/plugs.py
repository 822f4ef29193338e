"""Cables in the sockets of a station, and for whom a lock holds one there."""

import msgspec

from ohmstead.model.sessions import same_token
from ohmstead.wire.messages import IdToken, IdTokenEnum


class RetainedCable(msgspec.Struct, frozen=True, kw_only=True):
    """A cable that stays locked until its owner presents a token (E09.FR.03, E10.FR.01, C15.FR.05)."""

    evse_id: int
    connector_id: int
    id_token: IdToken
    group_id_token: IdToken | None = None
    deauthorized: bool = False
    """The CSMS took the authorization back while the EV was there; else the cable was pulled out of the EV."""

    def belongs_to(self, token: IdToken, group: IdToken | None = None, evse_id: int | None = None) -> bool:
        """Say whether a token is its owner's: the one that started the charge, or one of its group.

        A button makes a token of its own each time: whoever started by that of an EVSE, goes by it.
        """
        if same_token(self.id_token, token):
            return True
        if token.type is IdTokenEnum.Local and self.id_token.type is IdTokenEnum.Local:
            return self.evse_id == evse_id
        mine = self.group_id_token
        return mine is not None and group is not None and same_token(mine, group)
