"""The curve of one charge, bounded: the longer it gets, the farther apart its points lie."""

from ohmstead.edge.simulator.views import CurvePoint

MOST = 600
"""Points kept of one charge."""


class Trail:
    """Power and state of charge since the first point, which is made when the EV is plugged in."""

    def __init__(self) -> None:
        self._start: float | None = None
        self._spacing = 1.0
        self._points: list[CurvePoint] = []

    def add(self, t: float, power_w: float, soc_percent: float) -> None:
        """Add the power that flows from t on; points that lie too close to the last one are left out.

        Where power begins or ends, the point is always kept.
        """
        if self._start is None:
            self._start = t
        point = CurvePoint(t - self._start, power_w, soc_percent)
        if self._points:
            last = self._points[-1]
            edge = (last.power_w == 0.0) != (power_w == 0.0)
            if edge and point.time_s <= last.time_s:
                self._points.pop()
            elif not edge and point.time_s - last.time_s < self._spacing:
                return
        self._points.append(point)
        if len(self._points) > MOST:
            self._points = self._points[::2]
            self._spacing *= 2.0

    def points(self, present: tuple[float, float, float] | None = None) -> tuple[CurvePoint, ...]:
        """Return the points, oldest first; `present` is time, power and state of charge of one more."""
        if present is None:
            return tuple(self._points)
        t, power_w, soc_percent = present
        start = t if self._start is None else self._start
        return (*self._points, CurvePoint(t - start, power_w, soc_percent))
