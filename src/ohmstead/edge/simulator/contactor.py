"""The contactor of one EVSE with its feedback contact, and what can be wrong with it."""


class SimulatedContactor:
    """Follows what it is told, unless its contacts are welded or it is stuck open.

    Attributes:
        commanded: whether it is told to be closed.
        closed: what the feedback contact says.
        welded: once closed it does not open.
        stuck: once open it does not close.
    """

    def __init__(self) -> None:
        self.commanded = False
        self.closed = False
        self.welded = False
        self.stuck = False

    @property
    def broken(self) -> bool:
        """Say whether it will not do all that it is told."""
        return self.welded or self.stuck

    def command(self, closed: bool) -> bool:
        """Tell it to be closed or open, and return whether it is closed."""
        self.commanded = closed
        self.closed = (closed and (self.closed or not self.stuck)) or (self.closed and self.welded)
        return self.closed

    def repair(self) -> None:
        """Make it follow again; the next command is obeyed."""
        self.welded = self.stuck = False
