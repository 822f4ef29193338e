"""Block M: certificates."""

from ohmstead.lab.reading import Reading

OWN_CERTIFICATE = Reading(
    name="own-certificate",
    requirements=("M04.FR.06",),
    specification="A request to delete the charging station certificate is answered Failed.",
    tool="NotFound will do as well.",
)
