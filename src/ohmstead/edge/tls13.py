"""The suites of TLS 1.3 that a context may agree on: OpenSSL has a call for it, Python's `ssl` only since 3.15.

Before that the call is made past the module, on the SSL_CTX that CPython keeps as the first thing in a context, and the
list of the context's suites says whether it took effect.
"""

import ctypes
import ssl
import sys
from collections.abc import Sequence


def limit_tls13(context: ssl.SSLContext, suites: Sequence[str]) -> None:
    """Let a context agree on these suites of TLS 1.3 only, in this order; without effect where that cannot be done.

    Args:
        context: of a client or a server.
        suites: their names, which are the same in the IANA registry and in OpenSSL; at least one.
    """
    names = ":".join(suites)
    native = getattr(context, "set_ciphersuites", None)
    if native is not None:
        native(names)
    elif sys.implementation.name == "cpython" and sys.version_info < (3, 15):
        _call(context, names)


def _call(context: ssl.SSLContext, names: str) -> None:
    import _ssl  # what has OpenSSL in it, however Python was built

    try:
        library = ctypes.CDLL(_ssl.__file__) if hasattr(_ssl, "__file__") else ctypes.CDLL(None)
        call = library.SSL_CTX_set_ciphersuites
    except (OSError, AttributeError):  # linked so that nobody else finds it
        return
    call.argtypes, call.restype = (ctypes.c_void_p, ctypes.c_char_p), ctypes.c_int
    # PySSLContext: the head of every object, then `SSL_CTX *ctx`.
    inside = ctypes.c_void_p.from_address(id(context) + object.__basicsize__)
    call(inside, names.encode())
