"""A station with its outside, built in one place: for `ohmstead run`, for the rigs of the lab and for tests."""

from ohmstead.site.site import UNPROVISIONED, Site, Surroundings

__all__ = ["UNPROVISIONED", "Site", "Surroundings"]
