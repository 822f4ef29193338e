"""Where randomness and identifiers come from; the caller of `run()` owns them (decided case 16)."""

from itertools import count
from random import Random, SystemRandom
from uuid import uuid4

from ohmstead.ports.clock import Sources


def seeded(seed: int, boot_count: int) -> Sources:
    """Return sources that give the same numbers and ids for the same seed and boot.

    Args:
        seed: of the run; different stations of a run need different ones.
        boot_count: boots of this station so far, committed before the first frame leaves, so that no id comes twice.
    """
    numbers = count(1)
    prefix = f"{seed & 0xFFFFFFFF:08x}-{boot_count:06x}"
    return Sources(random=Random(f"{seed}/{boot_count}"), new_id=lambda: f"{prefix}-{next(numbers):010x}")


def real() -> Sources:
    """Return the operating system's randomness and random UUIDs."""
    return Sources(random=SystemRandom(), new_id=lambda: str(uuid4()))
