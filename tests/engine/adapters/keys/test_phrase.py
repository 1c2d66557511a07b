"""Phrases against the published vectors of BIP-39, and against eth_account in all its languages."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.hdaccount import seed_from_mnemonic
from eth_account.hdaccount.mnemonic import Mnemonic
from eth_account.types import Language
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.keys import foreign, phrase
from engine.adapters.keys.refusal import Refusal
from tests.engine.adapters.keys.wallets import ACCOUNTS, KEYS, PHRASE

VECTORS = json.loads((Path(__file__).parent / "bip39_vectors.json").read_text())["english"]
ENTROPIES = st.sampled_from((16, 20, 24, 28, 32)).flatmap(lambda size: st.binary(min_size=size, max_size=size))


@pytest.mark.parametrize(("entropy", "words", "seed"), VECTORS)
def test_the_vectors_of_bip_39(entropy: str, words: str, seed: str) -> None:
    found = phrase.parsed(f"  {words.upper()}\n", "TREZOR")

    assert found.entropy.hex() == entropy
    assert found.seed().hex() == seed
    assert phrase.unpacked(found.packed()) == found


@pytest.mark.parametrize(
    ("words", "address"),
    [
        # Source: Hardhat Network reference, "accounts".
        (PHRASE, ACCOUNTS[0]),
        # The phrase of BIP-39's first vector, as BIP-44 wallets without a passphrase show it.
        ("abandon " * 11 + "about", "0x9858EfFD232B4033E47d90003D41EC34EcaEda94"),
    ],
)
def test_known_addresses_of_bip_44(words: str, address: str) -> None:
    assert foreign.address_of(phrase.account_key(phrase.parsed(words, "").seed(), 0)) == address


def test_the_accounts_of_a_phrase_have_the_published_keys() -> None:
    seed = phrase.parsed(PHRASE, "").seed()

    assert [phrase.account_key(seed, index).hex() for index in range(3)] == list(KEYS)


@given(ENTROPIES, st.sampled_from(list(Language)), st.text(max_size=20))
def test_phrases_of_all_languages_are_those_of_eth_account(entropy: bytes, language: Language, extra: str) -> None:
    words = Mnemonic(language).to_mnemonic(entropy)
    found = phrase.parsed(words, extra)

    assert found.entropy == entropy or found.language != language.value  # a phrase may be one in two Chinese lists
    assert found.seed() == Mnemonic.to_seed(words.replace("\u3000", " "), extra)
    assert phrase.unpacked(found.packed()) == found


@given(ENTROPIES, st.data())
def test_a_changed_word_is_found_out_or_is_another_phrase(entropy: bytes, data: st.DataObject) -> None:
    words = Mnemonic(Language.ENGLISH).to_mnemonic(entropy).split()
    place = data.draw(st.integers(0, len(words) - 1))
    words[place] = data.draw(st.sampled_from(Mnemonic(Language.ENGLISH).wordlist))
    valid = Mnemonic(Language.ENGLISH).is_mnemonic_valid(" ".join(words))
    if valid:
        assert phrase.parsed(" ".join(words), "").seed() == seed_from_mnemonic(" ".join(words), "")
    else:
        with pytest.raises(Refusal, match="checksum is wrong"):
            phrase.parsed(" ".join(words), "")


def test_a_mistyped_word_is_told_by_its_place_and_never_repeated() -> None:
    words = PHRASE.split()
    words[6] = "tesst"
    with pytest.raises(Refusal) as refused:
        phrase.parsed(" ".join(words), "")

    assert refused.value.sentence == "Word 7 of 12 is not in the list of BIP-39: look for a typo."
    for count in (0, 1, 11, 13, 25):
        with pytest.raises(Refusal, match="12, 15, 18, 21 or 24 words"):
            phrase.parsed("test " * count, "")


@pytest.mark.parametrize("count", [12, 24])
def test_new_phrases_are_of_this_systems_chance(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    asked: list[int] = []
    real = os.urandom

    def heard(size: int) -> bytes:
        asked.append(size)
        return real(size)

    monkeypatch.setattr(os, "urandom", heard)
    made = {phrase.new_phrase(count).words for _ in range(50)}

    assert asked == [count * 4 // 3] * 50
    assert len(made) == 50
    Account.enable_unaudited_hdwallet_features()
    for words in list(made)[:5]:
        key = phrase.account_key(phrase.parsed(" ".join(words), "").seed(), 3)
        assert Account.from_mnemonic(" ".join(words), account_path="m/44'/60'/0'/0/3").key == key
    with pytest.raises(Refusal):
        phrase.new_phrase(15)
