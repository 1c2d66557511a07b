"""Access tokens that others made, changed, or kept: what is refused, and what another library reads of ours."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.server.auth.token import ACCESS_S, AccessTokens, SigningKeys
from engine.server.keyfiles import KeyFiles
from engine.server.refusal import Refusal

NOW = 1_800_000_000 * 10**9


@pytest.fixture
def signing(tmp_path: Path) -> SigningKeys:
    return SigningKeys(KeyFiles(tmp_path).signing_dir)


def part(token: str, number: int) -> dict[str, Any]:
    raw = token.split(".")[number]
    told: dict[str, Any] = json.loads(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
    return told


def joined(header: dict[str, Any], claims: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """Put a token together by hand, without any library."""
    parts = [base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in (header, claims)]
    text = b".".join(parts)
    return (text + b"." + base64.urlsafe_b64encode(sign(text)).rstrip(b"=")).decode()


def test_a_token_says_what_it_must_and_verifies_by_hand(signing: SigningKeys) -> None:
    token, ends = AccessTokens(signing).issue(7, "s1", ("pwd", "otp"), NOW)

    header, claims = part(token, 0), part(token, 1)
    kid, key = signing.current
    assert header == {"alg": "EdDSA", "typ": "at+jwt", "kid": kid}
    assert claims | {"jti": ""} == {
        "iss": "crs", "aud": "crs-api", "sub": "7", "sid": "s1", "jti": "", "typ": "at", "iat": NOW // 10**9,
        "nbf": NOW // 10**9, "exp": NOW // 10**9 + 600, "amr": ["pwd", "otp"],
    }  # fmt: skip
    text, _, signature = token.rpartition(".")
    key.public_key().verify(base64.urlsafe_b64decode(signature + "=="), text.encode())
    assert ends == NOW + ACCESS_S * 10**9
    assert AccessTokens(signing).verified(token, NOW) == (7, "s1", ends, ("pwd", "otp"), 0)


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "other"}, {"aud": "other"}, {"typ": "rt"}, {"sub": 7}, {"sub": "seven"}, {"sub": None}, {"sid": None},
        {"exp": None}, {"exp": "soon"}, {"exp": NOW // 10**9}, {"nbf": NOW // 10**9 + 60}, {"iat": None},
        {"jti": None}, {"sup": "for ever"}, {"amr": None}, {"amr": "pwd"}, {"iat": NOW // 10**9 + 60},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_of_ours_with_another_claim_is_refused(signing: SigningKeys, change: dict[str, Any]) -> None:
    tokens = AccessTokens(signing)
    good, _ = tokens.issue(7, "s1", ("pwd",), NOW)
    claims = {key: value for key, value in (part(good, 1) | change).items() if value is not None}
    kid, key = signing.current

    forged = joined({"alg": "EdDSA", "typ": "at+jwt", "kid": kid}, claims, key.sign)

    with pytest.raises(Refusal) as refused:
        tokens.verified(forged, NOW)
    assert refused.value.status == 401


def test_tokens_that_name_their_own_key_or_none_are_refused(signing: SigningKeys) -> None:
    tokens, mine = AccessTokens(signing), Ed25519PrivateKey.generate()
    good, _ = tokens.issue(7, "s1", ("pwd",), NOW)
    claims, (kid, key) = part(good, 1), signing.current
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    hmac_by_public_key = jwt.api_jws.PyJWS()._algorithms["HS256"]
    own = {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(mine.public_key().public_bytes_raw()).decode()}
    head = {"alg": "EdDSA", "typ": "at+jwt", "kid": kid}
    forged = {
        "another key": joined(head, claims, mine.sign),
        "none": joined(head | {"alg": "none"}, claims, lambda _: b""),
        "None": joined(head | {"alg": "None"}, claims, lambda _: b""),
        "hmac with the public key": joined(
            head | {"alg": "HS256"}, claims, lambda text: hmac_by_public_key.sign(text, public.split(b"\n")[1])
        ),
        "jwk": joined(head | {"jwk": own}, claims, key.sign),
        "jku": joined(head | {"jku": "https://evil.example/keys"}, claims, key.sign),
        "x5u": joined(head | {"x5u": "https://evil.example/x"}, claims, key.sign),
        "crit": joined(head | {"crit": ["exp"]}, claims, key.sign),
        "kid of a path": joined(head | {"kid": "../pepper"}, claims, key.sign),
        "kid of a number": joined(head | {"kid": 7}, claims, key.sign),
        "no kid": joined({"alg": "EdDSA", "typ": "at+jwt"}, claims, key.sign),
        "another type": joined(head | {"typ": "JWT"}, claims, key.sign),
        "cut": good[:-2],
        "long": good + "A" * 3_000,
        "empty": "",
        "dots": "...",
        "umlaut": "ä.ö.ü",
    }
    for name, token in forged.items():
        with pytest.raises(Refusal) as refused:
            tokens.verified(token, NOW)
        assert refused.value.status == 401, name
    assert tokens.verified(joined(head, claims, key.sign), NOW).user_id == 7, "the hand that forged can sign"


def test_a_key_that_leaked_is_dropped_at_once(signing: SigningKeys) -> None:
    tokens = AccessTokens(signing)
    old, _ = tokens.issue(7, "s1", ("pwd",), NOW)
    signing.rotate(NOW, drop_old=True)
    new, _ = tokens.issue(7, "s1", ("pwd",), NOW)

    with pytest.raises(Refusal):
        tokens.verified(old, NOW)
    assert tokens.verified(new, NOW).user_id == 7


def test_two_processes_that_start_together_share_their_first_keys(tmp_path: Path) -> None:
    one, other = KeyFiles(tmp_path), KeyFiles(tmp_path)
    assert one.peppered("p", "x") == other.peppered("p", "x")
    assert other.unseal(one.seal("secret", "p"), "p") == "secret"
    assert SigningKeys(one.signing_dir).current[0] == SigningKeys(other.signing_dir).current[0]
    private = [path for path in (tmp_path / "keys").rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}
    assert "secret" not in repr(one)
