"""Block A: security."""

from ohmstead.lab.reading import Reading

OLD_TLS_TOLD = Reading(
    name="old-tls-told",
    requirements=("A00.FR.316", "A00.FR.419"),
    specification="The station checks the version of TLS, and tells an old one by the event InvalidTLSVersion.",
    tool="The event may be missing, for a station may not notice why a handshake failed.",
)
PASSWORD_AFTER_REBOOT = Reading(
    name="password-after-reboot",
    requirements=("A01.FR.03", "A01.FR.04"),
    specification="A new password is Accepted; after any other status the CSMS takes the old one only.",
    tool="RebootRequired will do as well, and the new password is shown after the reboot.",
)
FRESH_KEY = Reading(
    name="fresh-key",
    requirements=("A02.FR.02",),
    specification="Each signing request is for a key pair that was made for it.",
    tool="The request is looked at for form and length of the key, not compared with the certificate in use.",
)
CERTIFICATE_IN_USE = Reading(
    name="certificate-in-use",
    requirements=("A02.FR.08", "A03.FR.08"),
    specification="The station reconnects by itself with a certificate that it has accepted (errata 2.8).",
    tool="It may wait until the CSMS closes the connection.",
)
FAULTY_CERTIFICATE = Reading(
    name="faulty-certificate",
    requirements=("A02.FR.06", "A02.FR.07"),
    specification="A certificate that is over, or for another key, is Rejected and told as well.",
    tool="One invalid certificate is tried, from an authority that the station does not know.",
)
