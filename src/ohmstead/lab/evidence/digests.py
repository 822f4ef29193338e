"""Passwords in evidence: a digest stands for each, with what cases look at, so that they can be judged again.

The digest is keyed by the report, and slow to guess. What a case itself sets is known when it is run again, so its
digests become the password again (`Digests.known`); of a password that only the station's owner knows the digest is
compared with itself. Length and characters stand beside it: `hmac:5d41402abc4b2a76b9719d91:28:p` was 28 characters of
passwordString (A00.FR.205), `x` instead of `p` means that there were others too.
"""

import hashlib
import re
import secrets
from base64 import b64encode
from functools import lru_cache

import msgspec

from ohmstead.lab.evidence.tape import Kind, TapeEntry, TapeHead
from ohmstead.ports.hand import KEY_CODE
from ohmstead.ports.link import Handshake
from ohmstead.wire import frames
from ohmstead.wire.secrets import HIDDEN, Redactor, undecodable

STAND_IN = re.compile(r"hmac:[0-9a-f]{24}:(?P<length>\d+):(?P<characters>[px])")
PASSWORD_STRING = re.compile(r"[^\x00-\x1f\x7f]*")
"""Errata 2.1 and 6.2.1."""
CANONICAL = "as RFC 7617 makes it of user and password"
"""On a tape: the Authorization header was that, and nothing else."""
_COST = 1 << 14
PRESENT = "hand.present"
"""On a tape: a driver was identified, by a token and its type."""


class Traits(msgspec.Struct, frozen=True):
    """What evidence says of a password."""

    length: int
    allowed: bool
    """All its characters are of passwordString."""


class Unreadable(str):
    """What is left on a tape of a frame that cannot be decoded."""

    error: str
    told: str

    def __new__(cls, error: str, told: str) -> "Unreadable":
        """Make one of why it cannot be read, and of what is told of it."""
        self = super().__new__(cls, "")
        self.error, self.told = error, told
        return self


class _Left(msgspec.Struct, frozen=True):
    """The same as it is written."""

    error: str
    told: str


def new_key() -> str:
    """Return a key for a report."""
    return secrets.token_hex(16)


def traits(password: str) -> Traits:
    """Return what can be said of a password, or of what stands for it."""
    match = STAND_IN.fullmatch(password)
    if match is not None:
        return Traits(int(match["length"]), match["characters"] == "p")
    return Traits(len(password), PASSWORD_STRING.fullmatch(password) is not None)


def without_stand_ins(text: str) -> str:
    """Return a text in which a digest looks as the password itself would: hidden."""
    return STAND_IN.sub(HIDDEN, text)


class Digests:
    """Takes the passwords out of the tapes of a report, and puts back those that a case knows."""

    def __init__(self, key: str) -> None:
        """Work with the key of a report; an empty one leaves everything as it is."""
        self._key = key
        self._known: dict[str, str] = {}
        self._redactor = Redactor(replace=self.of, listed=True)

    def of(self, secret: str) -> str:
        """Return what stands for a secret; for what stands for one, itself."""
        if not self._key or not secret or STAND_IN.fullmatch(secret):
            return secret
        allowed = "p" if traits(secret).allowed else "x"
        stand_in = f"hmac:{_digest(self._key, secret)}:{len(secret)}:{allowed}"
        self._known[stand_in] = secret
        return stand_in

    def known(self, text: str) -> str:
        """Return JSON text with the passwords in it that have been worked on so far."""
        for stand_in, secret in self._known.items():
            if stand_in in text:
                text = text.replace(stand_in, msgspec.json.encode(secret).decode()[1:-1])
        return text

    # What is written

    def head(self, head: TapeHead) -> TapeHead:
        """Return the first line without passwords."""
        if not self._key or isinstance(head.persistent, msgspec.UnsetType):
            return head
        given = head.persistent.provisioning
        self._redactor.know(given.password)
        given = msgspec.structs.replace(given, password=self.of(given.password))
        return msgspec.structs.replace(head, persistent=msgspec.structs.replace(head.persistent, provisioning=given))

    def learn(self, entry: TapeEntry) -> None:
        """Hear of the passwords of a line, so that they are known in every other one."""
        for raw in (bytes(entry.args).decode(), bytes(entry.value).decode(), entry.text or ""):
            if raw and self._key:
                self._redactor.payload(raw)

    def entry(self, entry: TapeEntry) -> TapeEntry:
        """Return a line without passwords."""
        if not self._key:
            return entry
        if entry.kind is Kind.Message and entry.what.startswith("frame ") and (left := _left(entry)) is not None:
            return msgspec.structs.replace(entry, text=None, value=_raw(left))
        return msgspec.structs.replace(
            entry,
            text=self.text(entry.text),
            args=self.arguments(entry.what, entry.args),
            value=self._value(entry),
            error=self._redactor.text(entry.error),
        )

    def text(self, text: str | None) -> str | None:
        """Return a frame without passwords."""
        return self._redactor.payload(text) if text and self._key else text

    def raw(self, raw: msgspec.Raw) -> msgspec.Raw:
        """Return JSON without passwords."""
        return msgspec.Raw(self._redactor.payload(bytes(raw).decode()).encode()) if bytes(raw) and self._key else raw

    def arguments(self, what: str, raw: msgspec.Raw) -> msgspec.Raw:
        """Return what something was asked with, without passwords and key codes."""
        if what == PRESENT and self._key and bytes(raw):
            id_token, kind, *rest = msgspec.json.decode(raw, type=list[object])
            if kind == KEY_CODE and isinstance(id_token, str):
                raw = _raw((self.of(id_token), kind, *rest))
        return self.raw(raw)

    def _value(self, entry: TapeEntry) -> msgspec.Raw:
        if not bytes(entry.value):
            return entry.value
        match entry.what.partition(" ")[0]:
            case "handshake":
                handshake, status = msgspec.json.decode(entry.value, type=tuple[Handshake, int])
                return _raw((self._handshake(handshake), status))
            case "link":
                number, handshake = msgspec.json.decode(entry.value, type=tuple[int, Handshake])
                return _raw((number, self._handshake(handshake)))
            case "files.uploads":
                uploads = msgspec.json.decode(entry.value, type=tuple[tuple[str, bytes], ...])
                return _raw(tuple((self._redactor.text(url), self._content(content)) for url, content in uploads))
        return self.raw(entry.value)

    def _handshake(self, handshake: Handshake) -> Handshake:
        header = handshake.authorization
        if header is not None:
            header = CANONICAL if header == canonical(handshake) else self.of(header)
        password = None if handshake.password is None else self.of(handshake.password)
        url = self._redactor.text(handshake.url)
        return msgspec.structs.replace(handshake, url=url, password=password, authorization=header)

    def _content(self, content: bytes) -> bytes:
        for secret in self._redactor.known:
            content = content.replace(secret.encode(), self.of(secret).encode())
        return content


def restored(handshake: Handshake) -> Handshake:
    """Return a handshake of a tape with its Authorization header."""
    if handshake.authorization != CANONICAL:
        return handshake
    return msgspec.structs.replace(handshake, authorization=canonical(handshake))


def canonical(handshake: Handshake) -> str:
    """Return the Authorization header of user and password (RFC 7617)."""
    shown = f"{handshake.user or ''}:{handshake.password or ''}".encode("utf-8", "surrogatepass")
    return f"Basic {b64encode(shown).decode()}"


def unreadable(raw: msgspec.Raw) -> Unreadable:
    """Return what is left of a frame. Raises DecodeError."""
    left = msgspec.json.decode(raw, type=_Left)
    return Unreadable(left.error, left.told)


def _left(entry: TapeEntry) -> _Left | None:
    """Return what is kept of a frame that cannot be decoded, None for one that can."""
    frame = entry.text if entry.text is not None else msgspec.json.decode(entry.value, type=bytes)
    try:
        frames.parse(frame)
    except frames.FrameError as error:
        return _Left(str(error), undecodable(frame))
    return None


@lru_cache(maxsize=256)
def _digest(key: str, secret: str) -> str:
    data = secret.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(data, salt=key.encode(), n=_COST, r=8, p=1, dklen=12).hex()


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))
