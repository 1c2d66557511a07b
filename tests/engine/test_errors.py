import pytest

from engine import errors
from engine.errors import CrsError, GivenUp, InvalidInput, SignInNeeded, Unavailable, VenueUnavailable

TREE: dict[type[CrsError], set[str]] = {
    InvalidInput: {
        "InvalidSetting", "WrongPassphrase", "Garbled", "ServerRefused", "WrongChain", "NodeRefused", "Reverted",
        "WatchOnly", "NotSigned", "NotShown",
    },
    SignInNeeded: {"SecondFactorNeeded", "StepUpNeeded"},
    Unavailable: {
        "VenueUnavailable", "StorageUnavailable", "ProfileInUse", "SecretsLocked", "ChainUnavailable", "NotSimulated",
        "KeysLocked",
    },
    GivenUp: {"StorageCorrupt", "StorageTooNew", "VersionMismatch", "WriterFenced"},
    VenueUnavailable: {"ServerUntrusted", "NotACrsServer"},
}  # fmt: skip


def test_every_expected_failure_hangs_in_the_tree_that_the_module_draws() -> None:
    top = {each for each in CrsError.__subclasses__() if each.__module__ == errors.__name__}
    assert top == set(TREE) - {VenueUnavailable}
    for parent, children in TREE.items():
        drawn = [each for each in type.__subclasses__(parent) if each.__module__ == errors.__name__]
        assert {each.__name__ for each in drawn} == children
        for name in (parent.__name__, *children):
            assert name in (errors.__doc__ or "")


@pytest.mark.parametrize("kind", [InvalidInput, SignInNeeded, Unavailable, GivenUp])
def test_the_message_is_the_sentence(kind: type[CrsError]) -> None:
    assert str(kind("Wait 12 s.")) == "Wait 12 s."
