"""Block N: customer information."""

from ohmstead.lab.reading import Reading

ASKED_AGAIN = Reading(
    name="asked-again",
    requirements=("N09.FR.02", "N09.FR.06"),
    specification="A request for data that is gone is Accepted, and one message says that nothing was found.",
    tool="Any status will do, and then no message need follow.",
)
REALLY_FORGOTTEN = Reading(
    name="really-forgotten",
    requirements=("N10.FR.03",),
    specification="What was told and cleared is gone, so that a second report does not hold it.",
    tool="Of the second report it is only looked at whether another part follows.",
)
NOTHING_FOUND = Reading(
    name="nothing-found",
    requirements=("N09.FR.06",),
    specification="A message says that nothing was found, in whatever words.",
    tool="The data of that message is empty where a customerIdentifier was asked for.",
)
