"""What is written to users. A letter names no account and holds nothing secret but its one code."""

from __future__ import annotations

from engine.server.auth.mail import Post

_IGNORE = "If this was not you, ignore this letter: nothing happens without the code."


def verify(post: Post, to: str, code: str) -> None:
    """Send the check code of a registration."""
    post.send(
        to,
        "Your check code",
        f"Your check code is {code}. It works once, for ten minutes.\n\n{_IGNORE}\n",
    )


def known_already(post: Post, to: str) -> None:
    """Tell somebody who registers again that there is a user already."""
    post.send(
        to,
        "You are registered already",
        "Somebody tried to register with this address, which has a user already. "
        'If it was you: sign in, or choose "Forgot password". If not, nothing was changed.\n',
    )


def reset(post: Post, to: str, code: str) -> None:
    """Send the code with which a password can be replaced."""
    post.send(
        to,
        "Your code for a new password",
        f"The code for a new password is {code}. It works once, for ten minutes.\n\n{_IGNORE}\n",
    )


def new_device(post: Post, to: str, device: str) -> None:
    """Tell of a first sign-in from a device."""
    name = "".join(each if each.isprintable() else "?" for each in device)
    post.send(
        to,
        "New sign-in",
        f'Somebody signed in from a device that is new: "{name}". '
        "If it was not you, change your password and end all sessions.\n",
    )


def reused(post: Post, to: str) -> None:
    """Tell that a session was ended because its refresh token was used twice."""
    if to:
        post.send(
            to,
            "A session was ended",
            "A session's key was shown to the server a second time, which happens when somebody has a copy. "
            "The session was ended on all sides. Sign in again; if it happens again, change your password.\n",
        )


def changed(post: Post, to: str, what: str, *, keys: int = 0) -> None:
    """Tell of a change that somebody who took over an account would make; `keys`: API keys that outlast it."""
    outlast = f"API keys still in force: {keys}. Revoke those that are not yours.\n" if keys else ""
    post.send(
        to,
        f"{what} changed",
        f"{what} of your user was changed just now. If it was not you, reset your password and tell the operator.\n"
        f"{outlast}",
    )
