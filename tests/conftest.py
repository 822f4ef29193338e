"""What all tests share: property tests have no deadline, because the machine's cores are shared."""

from hypothesis import settings

settings.register_profile("ohmstead", deadline=None)
settings.load_profile("ohmstead")
