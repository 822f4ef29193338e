"""Block E: start and stop points that only some stations have."""

from ohmstead.lab.reading import Reading

SUSPENSION_ENDS = Reading(
    name="suspension-ends",
    requirements=("E06.FR.07", "E06.FR.08"),
    specification="With the stop point EnergyTransfer an EV that suspends ends the transaction: Ended, StoppedByEV.",
    tool="An Updated that says SuspendedEV and StoppedByEV will do; an Ended that says EVConnected needs no reason.",
)
