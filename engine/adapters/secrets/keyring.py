"""The keyring of the operating system as a `SecretStore`. Imported late: the library looks for its back ends."""

from __future__ import annotations

from typing import Any

from engine.errors import StorageUnavailable

SERVICE = "crs-desktop"

USELESS = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")
"""Back ends that keep nothing, or keep it as plain text (or as good as)."""


class Keyring:
    """Secrets in the system's keyring, under one service name."""

    def __init__(self, backend: Any) -> None:  # noqa: ANN401 - of a library that is loaded late
        self._backend = backend

    def __repr__(self) -> str:
        return f"Keyring({self.title})"

    @property
    def title(self) -> str:
        """What it is, for the screen."""
        return f"the keyring of this system ({self._backend.name})"

    @property
    def is_open(self) -> bool:
        """Return True: the system asks for what it needs by itself."""
        return True

    def get(self, name: str) -> str | None:
        """Return a secret; see `SecretStore.get`."""
        found: str | None = self._do("read", self._backend.get_password, name)
        return found

    def put(self, name: str, value: str) -> None:
        """Keep a secret; see `SecretStore.put`."""
        self._do("written", self._backend.set_password, name, value)

    def remove(self, name: str) -> None:
        """Forget a secret; see `SecretStore.remove`."""
        if self.get(name) is not None:
            self._do("written", self._backend.delete_password, name)

    def _do(self, what: str, act: Any, *args: str) -> Any:  # noqa: ANN401 - of the library
        try:
            return act(SERVICE, *args)
        except Exception as error:  # back ends raise what their systems raise; none of it may carry a secret
            raise StorageUnavailable(
                f"The keyring could not be {what} ({type(error).__name__}). Unlock it, then try again."
            ) from None


def system_keyring() -> Keyring | None:
    """Return the system's keyring; None where there is none that works and encrypts. Blocks; call it off the loop."""
    try:
        import keyring

        backend = keyring.get_keyring()
        candidates = [backend, *getattr(backend, "backends", ())]  # a chain of several is asked in order
        for each in candidates:
            if getattr(each, "backends", None) is None and _is_useful(each):
                found = Keyring(each)
                found.get("probe")  # absent services and locked collections show when asked
                return found
    except Exception:  # noqa: S110 - whatever it is, there is no keyring to use
        pass
    return None


def _is_useful(backend: Any) -> bool:  # noqa: ANN401 - of the library
    module = type(backend).__module__
    return not module.startswith(USELESS)
