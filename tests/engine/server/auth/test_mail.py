"""Letters: written, printed, and sent by SMTP with STARTTLS to a peer of our own that believes no client."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engine.server.auth import letter, mail
from engine.server.auth.mail import post_of
from engine.server.settings import load_settings


def certificate(directory: Path, host: str) -> tuple[Path, Path]:
    """Make a self-signed certificate and return where it and its key are."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = directory / f"{host}.pem", directory / f"{host}.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return pem, private


@dataclass(slots=True)
class Peer:
    """A mail server on loopback: what it was told in clear, and what came after STARTTLS."""

    port: int = 0
    letters: list[bytes] = field(default_factory=list)
    in_clear: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)


@asynccontextmanager
async def smtp_peer(pem: Path, private: Path) -> AsyncIterator[Peer]:
    """Run a peer that speaks just enough of RFC 5321, 3207 and 4954."""
    peer, context = Peer(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, private)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(text: str) -> None:
            writer.write(f"{text}\r\n".encode())
            await writer.drain()

        secure = False
        await say("220 peer ready")
        while line := (await reader.readline()).decode().strip():
            verb = line[:4].upper()
            if not secure:
                peer.in_clear.append(line)
            if verb == "EHLO":
                await say("250-peer\r\n250 AUTH PLAIN" if secure else "250-peer\r\n250 STARTTLS")
            elif verb == "STAR":
                await say("220 go ahead")
                await writer.start_tls(context)
                secure = True
            elif verb == "AUTH":
                peer.logins.append(line)
                await say("235 welcome")
            elif verb == "DATA":
                await say("354 go on")
                peer.letters.append(await reader.readuntil(b"\r\n.\r\n"))
                await say("250 taken")
            elif verb == "QUIT":
                await say("221 bye")
                break
            else:
                await say("250 fine")
        writer.close()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (OSError, ssl.SSLError):
            writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    peer.port = server.sockets[0].getsockname()[1]
    async with server:
        yield peer


async def sent(tmp_path: Path, peer: Peer, ca: Path) -> None:
    (tmp_path / "password").write_text("smtp-secret\n")
    settings = load_settings(
        tmp_path / "data",
        mail={
            "backend": "smtp", "host": "localhost", "port": peer.port, "username": "crs", "ca_file": str(ca),
            "password_file": str(tmp_path / "password"), "sender": "CRS <no-reply@crs.example>",
        },
    )  # fmt: skip
    post = post_of(settings)
    letter.verify(post, "ann@crs.example", "12345678")
    await asyncio.to_thread(post.flush)
    await asyncio.to_thread(post.close)


async def test_smtp_speaks_in_clear_only_to_ask_for_tls(tmp_path: Path) -> None:
    pem, private = certificate(tmp_path, "localhost")
    async with smtp_peer(pem, private) as peer:
        await sent(tmp_path, peer, pem)

    assert [line.split()[0].upper() for line in peer.in_clear] == ["EHLO", "STARTTLS"]
    assert len(peer.logins) == 1
    got = message_from_bytes(peer.letters[0].removesuffix(b".\r\n"), policy=policy.default)
    assert (got["To"], got["From"]) == ("ann@crs.example", "CRS <no-reply@crs.example>")
    body = got.get_body()
    assert body is not None
    assert "12345678" in body.get_content()


async def test_a_peer_with_a_certificate_of_somebody_else_gets_no_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mail, "PAUSE_S", 0.0)
    pem, private = certificate(tmp_path, "mail.crs.example")  # not the name that is asked for
    async with smtp_peer(pem, private) as peer:
        await sent(tmp_path, peer, pem)

    assert (peer.letters, peer.logins) == ([], [])
    assert "mail given up" in caplog.text
    assert "12345678" not in caplog.text


def test_the_console_prints_and_the_directory_holds_one_file_a_letter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for backend in ("console", "file"):
        post = post_of(load_settings(tmp_path / "data", mail={"backend": backend}))
        letter.reset(post, "ann@crs.example", "87654321")
        letter.new_device(post, "ann@crs.example", "evil\r\nBcc: all@crs.example")
        post.close()

    assert "87654321" in capsys.readouterr().err
    files = sorted((tmp_path / "data" / "mail").iterdir())
    assert [path.suffix for path in files] == [".eml", ".eml"]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
    assert all(each["To"] == "ann@crs.example" and each["Bcc"] is None for each in letters)
