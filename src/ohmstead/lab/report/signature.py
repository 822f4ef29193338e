"""A signed report: one Ed25519 signature over every file of its folder, so that somebody else can rely on it.

`signature.json` beside `report.json` holds the SHA-256 of each file, the evidence too, the public key, and a signature
over that list alone (`Manifest` as sorted JSON).
"""

import base64
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

FORMAT = "ohmstead-signature/1"
NAME = "signature.json"
LARGEST_KEY = 10_000
LARGEST = 4_000_000
"""Bytes of a signature file; one of 500 cases has less than 100,000."""
MAKE = "make one with `ohmstead lab key FILE` or `openssl genpkey -algorithm ed25519 -out FILE`"


class SignatureError(Exception):
    """A key or a signature that cannot be used; the text says which, and what would do."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed."""

    format: str = FORMAT
    files: dict[str, str]
    """Path below the folder, with `/` -> SHA-256."""

    def encoded(self) -> bytes:
        """Return the bytes over which the signature goes."""
        return msgspec.json.encode(self, order="sorted")


class SignedManifest(Manifest, frozen=True, kw_only=True):
    """The file."""

    public_key: str
    """PEM."""
    signature: str
    """Base64."""


def private_key(path: Path) -> Ed25519PrivateKey:
    """Read a private key (PEM). Raises SignatureError."""
    try:
        key = load_pem_private_key(_read(path, LARGEST_KEY), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        why = "it has a password" if isinstance(error, TypeError) else _first(error)
        raise SignatureError(f"{path}: no private key that can be read: {why}; {MAKE}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SignatureError(f"{path}: a key of another kind, Ed25519 is needed; {MAKE}")
    return key


def public_key(path: Path) -> Ed25519PublicKey:
    """Read a public key (PEM); of a private key its public part. Raises SignatureError."""
    data = _key_bytes(path)
    if b"PRIVATE KEY" in data:
        return private_key(path).public_key()
    return _public(data, str(path))


def _key_bytes(path: Path) -> bytes:
    try:
        return _read(path, LARGEST_KEY)
    except (OSError, ValueError) as error:
        raise SignatureError(f"{path}: no public key that can be read: {_first(error)}") from None


def _public(data: bytes, name: str) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SignatureError(f"{name}: no public key that can be read: {_first(error)}") from None
    if not isinstance(key, Ed25519PublicKey):
        raise SignatureError(f"{name}: a key of another kind, Ed25519 is needed")
    return key


def make_key(path: Path) -> Path:
    """Write a new private key (0600), and beside it the public one, whose path is returned. Raises SignatureError."""
    key = Ed25519PrivateKey.generate()
    public = path.with_name(f"{path.name}.pub")
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
        public.write_bytes(_pem(key.public_key()))
    except FileExistsError:
        raise SignatureError(f"{path} is there already; a key is not written over") from None
    except OSError as error:
        raise SignatureError(f"{path}: cannot be written: {error.strerror or error}") from None
    return public


def fingerprint(key: Ed25519PublicKey) -> str:
    """Return what a person compares of a key: the SHA-256 of its 32 bytes."""
    return f"SHA256:{hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:32]}"


def sign(folder: Path, key: Ed25519PrivateKey) -> Path:
    """Sign every file of a report's folder; returns the file with the signature."""
    manifest = Manifest(files={name: _digest(folder / name) for name in _files(folder)})
    signed = SignedManifest(
        files=manifest.files,
        public_key=_pem(key.public_key()).decode(),
        signature=base64.b64encode(key.sign(manifest.encoded())).decode(),
    )
    path = folder / NAME
    path.write_bytes(msgspec.json.format(msgspec.json.encode(signed), indent=1) + b"\n")
    return path


class SignatureCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a signature."""

    signed_by: str = ""
    """Fingerprint of the key; empty: the report is not signed, or not by anybody who can be told."""
    wrong: tuple[str, ...] = ()
    """A line for each thing that is not as it was signed."""


def check_signature(folder: Path, trusted: Ed25519PublicKey | None) -> SignatureCheck:
    """Hold a folder against its signature.

    Args:
        folder: of the report.
        trusted: the key that it has to be signed with; None: any, so that only changes since are found.
    """
    path = folder / NAME
    if not path.exists():
        missing = (f"{NAME}: missing: the report is not signed, or its signature was taken away",)
        return SignatureCheck(wrong=missing if trusted is not None else ())
    try:
        signed = msgspec.json.decode(_read(path, LARGEST), type=SignedManifest)
        key = _public(signed.public_key.encode(), NAME)
        if signed.format != FORMAT:
            raise SignatureError(f"{NAME}: its format is {signed.format}, not {FORMAT}")
        key.verify(base64.b64decode(signed.signature, validate=True), Manifest(files=signed.files).encoded())
    except SignatureError as error:
        return SignatureCheck(wrong=(str(error),))
    except (InvalidSignature, ValueError, OSError, msgspec.MsgspecError) as error:
        why = "the list of files was altered, or another key made it" if isinstance(error, InvalidSignature) else error
        return SignatureCheck(wrong=(f"{NAME}: the signature does not hold: {why}",))
    other = [] if trusted is None or _pem(trusted) == _pem(key) else [_other_key(key, trusted)]
    return SignatureCheck(signed_by=fingerprint(key), wrong=(*other, *_changed(folder, signed.files)))


def _other_key(key: Ed25519PublicKey, trusted: Ed25519PublicKey) -> str:
    return f"{NAME}: signed with another key: {fingerprint(key)}, and not {fingerprint(trusted)}"


def _changed(folder: Path, files: dict[str, str]) -> Iterator[str]:
    there = set(_files(folder))
    for name in sorted(there | set(files)):
        if name not in there:
            yield f"{name}: missing, and it was there when the report was signed"
        elif name not in files:
            yield f"{name}: was not there when the report was signed"
        elif _digest(folder / name) != files[name]:
            yield f"{name}: altered since the report was signed"


def _files(folder: Path) -> list[str]:
    """Return what lies in the folder of a report, but the signature itself; links are passed over."""
    found = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return sorted(name for path in found if (name := path.relative_to(folder).as_posix()) != NAME)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _read(path: Path, largest: int) -> bytes:
    with path.open("rb") as file:
        data = file.read(largest + 1)
    if len(data) > largest:
        raise ValueError(f"more than {largest} bytes")
    return data


def _first(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return (str(error).splitlines() or [type(error).__name__])[0].split(" (")[0]
