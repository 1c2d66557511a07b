"""Mail to users: printed, written into a directory, or sent by SMTP; in a thread, so nobody waits for it."""

from __future__ import annotations

import logging
import os
import secrets
import smtplib
import ssl
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from email.utils import format_datetime, localtime, make_msgid
from pathlib import Path

from engine.server.settings import Mail, ServerSettings

log = logging.getLogger(__name__)

WAITING_AT_MOST = 200
TIMEOUT_S = 15.0
ATTEMPTS, PAUSE_S = 3, 2.0

Deliver = Callable[[EmailMessage], None]
"""Raises OSError or SMTPException."""


class Post:
    """Takes letters and delivers them one by one; what cannot be delivered is logged, without what it says."""

    def __init__(self, deliver: Deliver, sender: str) -> None:
        self._deliver, self._sender = deliver, sender
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="post")
        self._stopped = threading.Event()
        self._waiting = 0

    def send(self, to: str, subject: str, text: str) -> None:
        """Deliver a letter soon; it is dropped when too many wait already."""
        if self._waiting >= WAITING_AT_MOST or self._stopped.is_set():
            log.error("mail dropped: too many letters wait")
            return
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self._sender, to, subject
        letter["Date"], letter["Message-ID"] = format_datetime(localtime()), make_msgid(domain="crs.invalid")
        letter.set_content(text)
        self._waiting += 1
        self._pool.submit(self._delivered, letter)

    def flush(self) -> None:
        """Wait until everything so far is delivered; for tests and the end."""
        self._pool.submit(lambda: None).result()

    def close(self) -> None:
        """Deliver what waits, without new attempts, and stop."""
        self._stopped.set()
        self._pool.shutdown(wait=True)

    def _delivered(self, letter: EmailMessage) -> None:
        try:
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    self._deliver(letter)
                except (OSError, smtplib.SMTPException) as error:
                    log.warning("mail not delivered", extra={"attempt": attempt, "reason": type(error).__name__})
                    if self._stopped.wait(PAUSE_S * attempt):
                        return
                else:
                    return
            log.error("mail given up")
        finally:
            self._waiting -= 1


def post_of(settings: ServerSettings) -> Post:
    """Return the post that the settings ask for."""
    mail = settings.mail
    backends: dict[str, Callable[[], Deliver]] = {
        "console": lambda: _print,
        "file": lambda: _writer(settings.data_dir / "mail"),
        "smtp": lambda: _smtp(mail),
    }
    return Post(backends[mail.backend](), mail.sender)


def _print(letter: EmailMessage) -> None:
    print(f"--- mail to {letter['To']}: {letter['Subject']}\n{letter.get_content()}---", file=sys.stderr, flush=True)


def _writer(directory: Path) -> Deliver:
    def write(letter: EmailMessage) -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{time.time_ns() // 1_000_000:013}-{secrets.token_hex(4)}"
        partial = directory / f".{name}.partial"
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(letter.as_bytes())
        os.replace(partial, directory / f"{name}.eml")

    return write


def _smtp(mail: Mail) -> Deliver:
    def send(letter: EmailMessage) -> None:
        with smtplib.SMTP(mail.host, mail.port, timeout=TIMEOUT_S) as peer:
            if mail.starttls:
                peer.starttls(context=ssl.create_default_context(cafile=mail.ca_file or None))
            if mail.username:
                peer.login(mail.username, Path(mail.password_file).read_text(encoding="utf-8").strip())
            peer.send_message(letter)

    return send
