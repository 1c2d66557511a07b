"""Why a connection failed, as a sentence that says what happened and what to do.

Libraries wrap the system's errors several layers deep; the innermost one that is known decides.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

from engine.errors import ServerUntrusted, VenueUnavailable

EXPIRED, NOT_YET, WRONG_HOST, WRONG_ADDRESS = 10, 9, 62, 64
"""Verification results of OpenSSL (X509_V_ERR_…)."""
SELF_SIGNED = (18, 19)


def failure_of(error: BaseException, host: str) -> VenueUnavailable:
    """Return what a failed connection to a host means."""
    for each in _chain(error):
        if isinstance(each, ssl.SSLCertVerificationError):
            return ServerUntrusted(_certificate(each, host))
        if isinstance(each, ssl.SSLError):
            return ServerUntrusted(
                f"{host} does not speak TLS as it should; perhaps the address needs another port. Nothing was sent."
            )
        if isinstance(each, socket.gaierror):
            return VenueUnavailable(
                f"There is no address for {host}. Check its spelling and your connection to the internet."
            )
        if isinstance(each, ConnectionRefusedError):
            return VenueUnavailable(f"Nothing answers at {host}: the server does not run, or the port is another one.")
        if isinstance(each, TimeoutError):
            return VenueUnavailable(f"{host} does not answer. It may be overloaded, or the network is in the way.")
        if isinstance(each, OSError) and each.strerror:
            return VenueUnavailable(f"The connection to {host} failed: {each.strerror}.")
    if "Timeout" in type(error).__name__:
        return VenueUnavailable(f"{host} does not answer. It may be overloaded, or the network is in the way.")
    return VenueUnavailable(f"The connection to {host} broke.")


def _certificate(error: ssl.SSLCertVerificationError, host: str) -> str:
    code = error.verify_code
    if code == EXPIRED:
        why = f"The certificate of {host} has expired (or this machine's clock is wrong)."
    elif code == NOT_YET:
        why = f"The certificate of {host} is not valid yet (or this machine's clock is wrong)."
    elif code in (WRONG_HOST, WRONG_ADDRESS):
        why = f"The certificate that was shown is not {host}'s: somebody else answers there."
    elif code in SELF_SIGNED:
        why = f"The certificate of {host} is signed by nobody that this machine trusts."
    else:
        why = f"The certificate of {host} cannot be verified ({error.verify_message})."
    return f"{why} Nothing was sent."


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that caused it, groups included."""
    todo: list[BaseException] = [error]
    seen: set[int] = set()
    while todo:
        each = todo.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        if isinstance(each, BaseExceptionGroup):
            todo += each.exceptions
        todo += [cause for cause in (each.__cause__, each.__context__) if cause is not None]
