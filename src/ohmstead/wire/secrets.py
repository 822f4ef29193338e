"""What must not be shown: the one list of secrets, and how they are taken out of messages, URLs and lines of a log.

A message is decoded before it is judged, so no way of writing JSON hides a secret from this (`BasicAuthPasswor\\u0064`,
`http:\\/\\/`). What takes a secret's place has the same type. A frame that cannot be decoded is told of by its length
and digest alone (A01.FR.09, C04.FR.04).
"""

import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

import msgspec

HIDDEN = "•••"

Tree: TypeAlias = object
"""Decoded JSON."""
Replace: TypeAlias = Callable[[str], str]
"""What stands for a secret text."""


class Secret(msgspec.Struct, frozen=True):
    """One line of the list."""

    type: str
    """Of Part 2, without its ending `Type`."""
    field: str


SECRETS = (
    Secret("APN", "apnUserName"),
    Secret("APN", "apnPassword"),
    Secret("APN", "simPin"),
    Secret("VPN", "user"),
    Secret("VPN", "password"),
    Secret("VPN", "key"),
    Secret("NetworkConnectionProfile", "basicAuthPassword"),
    # Where the variable is a secret one.
    Secret("SetVariableData", "attributeValue"),
    Secret("GetVariableResult", "attributeValue"),
    Secret("EventData", "actualValue"),
    Secret("VariableAttribute", "value"),
    # Where the type is KeyCode: what a driver types in.
    Secret("IdToken", "idToken"),
    # Names of a peer's own, without their blanks, dashes and the like: in customData, DataTransfer and what breaks
    # the schema.
    Secret("", r".*passw(or)?d.*|.*passphrase.*|.*passcode.*|pwd|.*secret.*|.*credentials?|.*privatekey.*|psk"),
    Secret("", r".*apikey.*|.*accesskey.*|(?!.*idtoken).*tokens?|.*authorization|(sim)?pin(code)?|sas|sig"),
)
"""Every field that holds a secret. URLs, private keys and HTTP credentials are found in any text."""

URL_FIELDS = frozenset({"remotelocation", "location", "ocppcsmsurl", "responderurl"})
"""Fields that are a URL even where they do not look like one."""

_BY_VARIABLE = frozenset({"attributevalue", "actualvalue"})
_ATTRIBUTES = "variableattribute"
_OF_SECRET = "variableAttribute of a secret"
_OF_VPN = frozenset(one.field.lower() for one in SECRETS if one.type == "VPN")
_PLAIN = frozenset(one.field.lower() for one in SECRETS if one.type in ("APN", "NetworkConnectionProfile"))
_SEPARATORS = re.compile(r"[\W_]")
_FREE = re.compile("|".join(one.field for one in SECRETS if not one.type), re.IGNORECASE)
_VARIABLE = re.compile(r"passw(or)?d|passphrase|secret|private.?key|api.?key|credential|psk|pin$", re.IGNORECASE)

# Bounded where it could begin anywhere: a log file is one long word in Base64.
_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]{0,20}(?::|%3A)(?://|%2F%2F|\\/\\/))(?P<rest>[^\s\"'<>]+)", re.IGNORECASE
)
_WHOLE_URL = re.compile(r"(?P<scheme>\s*(?:[A-Za-z][A-Za-z0-9+.\-]*:)?[/\\]{0,2})(?P<rest>.*)", re.DOTALL)
_PRIVATE_KEY = re.compile(r"-----BEGIN ([A-Z ]*)PRIVATE KEY-----.*?(-----END \1PRIVATE KEY-----|\Z)", re.DOTALL)
_QUERY = re.compile(r"[?#]|%3F", re.IGNORECASE)
_HTTP = re.compile(r"\b(Basic|(?i:bearer)|Digest|Token|ApiKey)(\s+)(?=\S*[A-Za-z0-9+/=._~-]{8})[^\s\"',]+")
_HEADER = re.compile(
    r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie|x-[\w-]{0,40}(?:auth|key|secret|token)[\w-]{0,40})(['\"]?\s*[:=]\s*)[^\r\n]+"
)
_NAMED = re.compile(
    r"(?i)(?P<name>(?:passw(?:or)?d|passphrase|secret|private[_-]?key|api[_-]?key|simpin)[\w-]{0,40}"
    r"(?:\s?=\s?|\\?['\"]\s*[:=]\s*|:\s*(?=['\"])))(?P<value>\\?\"[^\"]*\"|'[^']*'|[^\s,;}\])&]+)"
)
_SUSPECT = re.compile(
    r"passw|passphrase|passcode|\"pwd|secret|credential|private.?key|api.?key|access.?key|psk\"|keycode|"
    r"(?<!id)tokens?\"|authorization\"|pin\"|pin.?code|vpn|apn\"|\"sas\"|\"sig\"|://|[@\\]|"
    r"location\":\s*\"[^\"]*(?:\?|%3f)|%40|%3a|x-[\w-]{0,40}(?:auth|key|token)|cookie|basic |bearer |digest |apikey ",
    re.IGNORECASE,
)
_MOST_NESTED = 8
"""Texts within texts that are JSON themselves."""
_REMEMBERED = 64
_SHORTEST = 6
"""Characters of a secret that is looked for in other texts: shorter ones would be found in anything."""


class Redactor:
    """Takes secrets out; what was one in a message lately is one in any text, such as an error that repeats it."""

    def __init__(self, replace: Replace = lambda _secret: HIDDEN, *, listed: bool = False) -> None:
        """Know no secret yet.

        Args:
            replace: says what stands for one.
            listed: remember only what the specification's own fields hold, not what a peer calls by a name of its own.
        """
        self._known: OrderedDict[str, None] = OrderedDict()
        self._replace = replace
        self._listed = listed

    @property
    def known(self) -> tuple[str, ...]:
        """Secrets that went by lately."""
        return tuple(self._known)

    def payload(self, raw: str) -> str:
        """Return the JSON text of a payload without its secrets; most hold none and come back as they are."""
        # Where nothing is escaped, a text is in the message as it is in the JSON.
        if not _SUSPECT.search(raw) and not any(secret in raw for secret in self._known):
            return raw
        try:
            tree = msgspec.json.decode(raw)
            clean = self.tree(tree)
        except (RecursionError, ValueError):
            return _json(undecodable(raw))
        return raw if clean == tree and not _says_twice(raw) else _json(clean)

    def tree(self, value: Tree) -> Tree:
        """Return decoded JSON without its secrets."""
        self._learn(value, "")
        return self._clean(value, "", 0)

    def text(self, text: str) -> str:
        """Return a line of a log, or any other text, without the secrets that can be told there."""
        return self._remembered(_free_text(text, self._replace))

    def know(self, secret: str) -> None:
        """Remember a secret."""
        if len(secret) >= _SHORTEST and secret != HIDDEN:
            self._known[secret] = None
            self._known.move_to_end(secret)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)

    def _learn(self, value: Tree, parent: str) -> None:
        if isinstance(value, dict):
            for name, field in value.items():
                if self._hides(name, value, parent):
                    for secret in _texts(field) if not self._listed or _of_specification(name) else ():
                        self.know(secret)
                else:
                    self._learn(field, _place(name, value))
        elif isinstance(value, list):
            for item in value:
                self._learn(item, parent)
        elif isinstance(value, str) and (inside := _nested(value)) is not None:
            self._learn(inside, parent)

    def _clean(self, value: Tree, parent: str, depth: int) -> Tree:
        if isinstance(value, dict):
            return {
                self._string(name, "", depth): self._hidden(field)
                if self._hides(name, value, parent)
                else self._clean(field, _place(name, value), depth)
                for name, field in value.items()
            }
        if isinstance(value, list):
            return [self._clean(item, parent, depth) for item in value]
        return self._string(value, parent, depth) if isinstance(value, str) else value

    def _string(self, value: str, name: str, depth: int) -> str:
        if depth < _MOST_NESTED and (inside := _nested(value)) is not None:
            clean = self._clean(inside, name, depth + 1)
            return value if clean == inside and not _says_twice(value) else _json(clean)
        if name.lower() in URL_FIELDS or ("@" in value and _URL.match(value)):
            return self._remembered(_url(value, _WHOLE_URL, self._replace))
        return self._remembered(_free_text(value, self._replace))

    def _hides(self, name: str, owner: Mapping[str, Tree], parent: str) -> bool:
        return is_secret(name, owner, parent)

    def _hidden(self, value: Tree) -> Tree:
        """Return something of the same type."""
        if isinstance(value, dict):
            return {name: self._hidden(field) for name, field in value.items()}
        if isinstance(value, list):
            return [self._hidden(item) for item in value]
        if isinstance(value, str):
            return self._replace(value)
        return type(value)(0) if isinstance(value, int | float) and not isinstance(value, bool) else value

    def _remembered(self, text: str) -> str:
        for secret in self._known:
            if secret in text:
                text = text.replace(secret, self._replace(secret))
        return text


def redact(payload: str) -> str:
    """Return the JSON text of a payload with its secrets replaced, by itself."""
    return Redactor().payload(payload)


def redact_text(text: str) -> str:
    """Return a text with the secrets replaced that can be told from it alone: in URLs, HTTP headers, private keys."""
    return _free_text(text, lambda _secret: HIDDEN)


def redact_url(url: str) -> str:
    """Return a URL without credentials (everything up to its last @), query and fragment."""
    return _url(url, _WHOLE_URL, lambda _secret: HIDDEN)


def undecodable(frame: str | bytes) -> str:
    """Return what may be told of a frame that cannot be decoded: how long it is, and its SHA-256."""
    data = frame.encode("utf-8", "surrogatepass") if isinstance(frame, str) else frame
    return f"{len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}"


def is_secret(name: str, owner: Mapping[str, Tree], parent: str) -> bool:
    """Say whether a field is on the list: its name, what it stands beside, and the field that holds all that."""
    lower = name.lower()
    if lower in _BY_VARIABLE:
        return _of_secret(owner)
    if lower == "value":
        return parent == _OF_SECRET
    if lower == "idtoken":
        return str(owner.get("type", "")).lower() == "keycode"
    if lower in _OF_VPN and (parent.lower() == "vpn" or "server" in owner):
        return True
    return lower in _PLAIN or _FREE.fullmatch(_SEPARATORS.sub("", name)) is not None


def _of_specification(name: str) -> bool:
    return any(one.type and one.field.lower() == name.lower() for one in SECRETS)


def _of_secret(owner: Mapping[str, Tree]) -> bool:
    """Say whether a struct is about a variable that holds a secret."""
    variable = owner.get("variable")
    named = variable.get("name", "") if isinstance(variable, dict) else ""
    return isinstance(named, str) and _VARIABLE.search(named) is not None


def _place(name: str, owner: Mapping[str, Tree]) -> str:
    """Return what the fields inside a field are told apart by: its name."""
    return _OF_SECRET if name.lower() == _ATTRIBUTES and _of_secret(owner) else name


def _texts(value: Tree) -> Iterable[str]:
    if isinstance(value, dict):
        for field in value.values():
            yield from _texts(field)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


class _Twice(Exception):
    """A name comes twice."""


def _says_twice(raw: str) -> bool:
    """Say whether a name comes twice in an object: decoding keeps the last one only, and the text shows them all."""

    def look(pairs: list[tuple[str, object]]) -> None:
        if len({name for name, _ in pairs}) < len(pairs):
            raise _Twice

    try:
        json.loads(raw, object_pairs_hook=look, parse_int=len, parse_float=len)
    except (_Twice, RecursionError, ValueError):
        return True
    return False


def _nested(text: str) -> Tree | None:
    """Return the JSON object or array that a text is."""
    if text.lstrip()[:1] not in ("{", "[") or not text:
        return None
    try:
        inside = msgspec.json.decode(text)
    except (RecursionError, ValueError):
        return None
    return inside if isinstance(inside, dict | list) else None


def _free_text(text: str, replace: Replace) -> str:
    text = _PRIVATE_KEY.sub(lambda match: replace(match[0]), text)
    text = _HEADER.sub(lambda match: f"{match[1]}{match[2]}{HIDDEN}", text)
    text = _HTTP.sub(lambda match: f"{match[1]}{match[2]}{HIDDEN}", text)
    text = _NAMED.sub(lambda match: f"{match['name']}{HIDDEN}", text)
    return _url(text, _URL, replace)


def _url(text: str, where: re.Pattern[str], replace: Replace) -> str:
    return where.sub(lambda match: match["scheme"] + _rest(match["rest"], replace), text)


def _rest(rest: str, replace: Replace) -> str:
    """Return what comes after `//`.

    Before its last @ the parts of a URL are not told apart: a password may hold any character. An @ and a question
    mark may be written in percent signs too, by mistake or because the whole URL is; a path keeps its %40.
    """
    credentials, at, place = rest.rpartition("@")
    if not at:
        server = len(re.split("/|%2F", place, maxsplit=1, flags=re.IGNORECASE)[0])
        end = place.rfind("%40", 0, server)
        credentials, at, place = ("", "", place) if end < 0 else (place[:end], "%40", place[end + 3 :])
    shown = f"{replace(credentials)}{at}" if at else ""
    cut = _QUERY.search(place)
    if cut is None:
        return shown + place
    return f"{shown}{place[: cut.end()]}{replace(place[cut.end() :])}" if cut.end() < len(place) else shown + place


def _json(value: Tree) -> str:
    return msgspec.json.encode(value).decode()
