"""Who may charge: the answer of the CSMS to a token, from the wallet of its settings."""

from collections.abc import Callable
from datetime import datetime, timedelta

from ohmstead.csms.settings import CsmsSettings, CsmsToken
from ohmstead.ports.bench import Card
from ohmstead.wire.base import timestamp
from ohmstead.wire.identifiers import folded
from ohmstead.wire.messages import (
    AuthorizationStatusEnum,
    AuthorizeCertificateStatusEnum,
    AuthorizeRequest,
    AuthorizeResponse,
    IdToken,
    IdTokenEnum,
    IdTokenInfo,
    MessageContent,
    MessageFormatEnum,
)


class TokenRegistry:
    """The cards that the CSMS knows. Answers depend on the moment (expiry) and on what runs (concurrent use)."""

    def __init__(self, settings: CsmsSettings, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now
        self._tokens = {_key(token.id_token, token.type): token for token in settings.tokens}

    def cards(self) -> tuple[Card, ...]:
        """Return the cards in the order of the settings, with the status that each has now."""
        master = folded(self._settings.master_pass_group)
        return tuple(
            Card(
                id_token=token.id_token,
                type=token.type,
                label=token.label,
                status=self._status(token),
                group=token.group or None,
                master=bool(master) and folded(token.group) == master,
            )
            for token in self._settings.tokens
        )

    def authorize(self, request: AuthorizeRequest, evses: frozenset[int] = frozenset()) -> AuthorizeResponse:
        """Answer an AuthorizeRequest of a station with these EVSEs (C01).

        Contract certificates cannot be verified here, and the answer says so (C07.FR.17).
        """
        if request.certificate is not None or request.iso15118_certificate_hash_data is not None:
            return AuthorizeResponse(
                id_token_info=IdTokenInfo(status=AuthorizationStatusEnum.Invalid),
                certificate_status=AuthorizeCertificateStatusEnum.CertChainError,
            )
        return AuthorizeResponse(id_token_info=self.info(request.id_token, evses=evses))

    def info(self, id_token: IdToken, *, in_use: bool = False, evses: frozenset[int] = frozenset()) -> IdTokenInfo:
        """Return what is known of a token (E01.FR.12, C09.FR.12).

        Args:
            id_token: the token.
            in_use: it was shown for a transaction while another of its own runs.
            evses: those of the station that asks; empty: nobody knows.
        """
        if id_token.type is IdTokenEnum.NoAuthorization:
            return IdTokenInfo(status=AuthorizationStatusEnum.Accepted)  # C02.FR.02
        token = self._tokens.get(_key(id_token.id_token, id_token.type))
        if token is None:
            key_code = id_token.type is IdTokenEnum.KeyCode  # C04.FR.01 wants Invalid for these
            return IdTokenInfo(status=AuthorizationStatusEnum.Invalid if key_code else AuthorizationStatusEnum.Unknown)
        status = self._status(token)
        if in_use and not token.concurrent and status is AuthorizationStatusEnum.Accepted:
            status = AuthorizationStatusEnum.ConcurrentTx
        elsewhere = bool(token.evse_ids and evses) and evses.isdisjoint(token.evse_ids)
        if elsewhere and status is AuthorizationStatusEnum.Accepted:
            status = AuthorizationStatusEnum.NotAtThisLocation  # C01.FR.22
        return IdTokenInfo(
            status=status,
            cache_expiry_date_time=self._cache_expiry(token),
            language1=token.language or None,
            evse_id=None if elsewhere else token.evse_ids or None,
            group_id_token=IdToken(id_token=token.group, type=IdTokenEnum.Central) if token.group else None,
            personal_message=_message(token),
        )

    def _status(self, token: CsmsToken) -> AuthorizationStatusEnum:
        if token.expires is not None and self._now() >= token.expires:
            return AuthorizationStatusEnum.Expired
        return token.status

    def _cache_expiry(self, token: CsmsToken) -> datetime | None:
        moments = []
        if self._settings.cache_seconds:
            moments.append(self._now() + timedelta(seconds=self._settings.cache_seconds))
        if token.expires is not None and self._now() < token.expires:
            moments.append(token.expires)
        return timestamp(min(moments)) if moments else None


def _key(id_token: str, type: IdTokenEnum) -> tuple[str, IdTokenEnum]:
    return folded(id_token), type


def _message(token: CsmsToken) -> MessageContent | None:
    if not token.personal_message:
        return None
    return MessageContent(
        format=MessageFormatEnum.UTF8, language=token.language or None, content=token.personal_message
    )
