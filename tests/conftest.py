"""What all tests share: property tests without a deadline (the cores are shared), and log levels left as found."""

import logging
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("ohmstead", deadline=None)
settings.load_profile("ohmstead")

LOUD = ("ohmstead", "asyncio")


@pytest.fixture(scope="session", autouse=True)
def state_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a campaign keeps for the next one lies beside the tests, and not with the campaigns of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Programs under test hear of Ctrl-C also where the tests run in a shell's background, which ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def log_levels() -> Iterator[None]:
    """A test that silences a campaign's stations does not silence the tests after it."""
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.NOTSET)
    yield
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.NOTSET)
