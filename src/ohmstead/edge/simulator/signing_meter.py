"""The simulated meter's signature: a record in the Open Charge Metering Format (OCMF 1.x, S.A.F.E. e.V.).

The record is `OCMF|{payload}|{signature}`; what is signed is the text of the payload. The key belongs to the meter.
`cryptography` is loaded at the first signature: most stations never sign, and it costs 10 MB.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from ohmstead.ports.signing_meter import SignedReading
from ohmstead.wire.messages import ReadingContextEnum, SignedMeterValue

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

ALGORITHM = "ECDSA-secp256r1-SHA256"
KINDS = {ReadingContextEnum.Transaction_Begin: "B", ReadingContextEnum.Transaction_End: "E"}
"""Context -> TX of the reading; any other is taken while it charges: C."""
KEY_BITS = 255
"""Below the order of the curve."""


class MeterSigner:
    """One meter with its key.

    Attributes:
        pages: records signed so far, which each record numbers.
    """

    def __init__(self, serial: str, secret: int, pages: int = 0) -> None:
        """Own a key.

        Args:
            serial: of the meter.
            secret: the private key, 1 to 2 ** 255 - 1.
            pages: records that earlier processes have signed.
        """
        self._serial = serial
        self._secret = secret
        self.pages = pages

    @cached_property
    def _key(self) -> EllipticCurvePrivateKey:
        from cryptography.hazmat.primitives.asymmetric import ec

        return ec.derive_private_key(self._secret, ec.SECP256R1())

    @cached_property
    def _public(self) -> str:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return b64encode(self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()

    def sign(self, energy_wh: float, at: datetime, context: ReadingContextEnum) -> SignedReading:
        """Sign what the register says."""
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.hashes import SHA256

        self.pages += 1
        register = round(energy_wh, 1)
        payload = {
            "FV": "1.0",
            "PG": f"T{self.pages}",
            "MV": "Ohmstead",
            "MM": "simulated meter",
            "MS": self._serial,
            "IS": False,
            "IT": "NONE",
            "RD": [
                {
                    "TM": f"{at:%Y-%m-%dT%H:%M:%S},{at.microsecond // 1000:03}{at:%z} S",
                    "TX": KINDS.get(context, "C"),
                    "RV": register,
                    "RI": "1-b:1.8.0",
                    "RU": "Wh",
                    "ST": "G",
                }
            ],
        }
        signed = msgspec.json.encode(payload)
        # By RFC 6979, so that a run with the same seed says the same.
        signature = self._key.sign(signed, ec.ECDSA(SHA256(), deterministic_signing=True))
        seal = msgspec.json.encode({"SA": ALGORITHM, "SD": signature.hex()})
        record = b"|".join((b"OCMF", signed, seal))
        value = SignedMeterValue(
            signed_meter_data=b64encode(record).decode(),
            signing_method=ALGORITHM,
            encoding_method="OCMF",
            public_key=self._public,
        )
        return SignedReading(register, value)
