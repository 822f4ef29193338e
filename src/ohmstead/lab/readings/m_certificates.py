"""Block M: certificates."""

from ohmstead.lab.reading import Reading

OWN_CERTIFICATE = Reading(
    name="own-certificate",
    requirements=("M04.FR.06",),
    specification="A request to delete the charging station certificate is answered Failed.",
    tool="NotFound will do as well.",
)
ONLY_WHAT_IS_ASKED_FOR = Reading(
    name="only-what-is-asked-for",
    requirements=("M03.FR.04",),
    specification="Certificates of the uses that are asked for are listed, and no others.",
    tool="The one that was installed has to be among those that are listed; others may be there, too.",
)
