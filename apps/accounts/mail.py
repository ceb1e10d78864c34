"""Mail with a link, and what the link then does. Of its token only the hash is stored, and it works once."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts import audit, passwords
from apps.accounts.models import MailedToken, User, normalise_email
from apps.accounts.tokens import hash_token

logger = logging.getLogger(__name__)

TOKEN_BYTES = 32
RESET = MailedToken.Purpose.RESET
VERIFY = MailedToken.Purpose.VERIFY
# How long a link works.
LIFETIMES = {RESET: timedelta(minutes=15), VERIFY: timedelta(days=2)}
INVITATION_LIFETIME = timedelta(days=7)
PARAMETERS = {RESET: "reset_token", VERIFY: "verify_token"}

RESET_TEXT = """Somebody, hopefully you, asked for a new password of your account at {site}.

Choose one within 15 minutes:
{link}

If it was not you, do nothing: the password stays as it is.
"""
VERIFY_TEXT = """Somebody, hopefully you, made an account with this address at {site}.

Show that the address is yours, and log in then:
{link}
"""
INVITATION_TEXT = """You are invited to {site}.

Choose a password within seven days:
{link}
"""
SECOND_FACTOR_TEXT = """The second factor of your account at {site} was {change}.

If it was not you, change your password at once, which ends all logins: {site}
"""
CHANGED_TEXT = """The password of your account at {site} was changed, and all logins were ended.

If it was not you, ask for a new one at once: {site}
"""


def make_link(user: User, purpose: MailedToken.Purpose, lifetime: timedelta | None = None) -> str:
    """Return a link for a mail; those of before for the same purpose stop working."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    MailedToken.objects.filter(user=user, purpose=purpose).delete()
    expires = timezone.now() + (lifetime or LIFETIMES[purpose])
    MailedToken.objects.create(hash=hash_token(token), user=user, purpose=purpose, expires_at=expires)
    return f"{settings.APP_BASE_URL}/?{PARAMETERS[purpose]}={token}"


def take_token(token: str, purpose: MailedToken.Purpose) -> User | None:
    """Return the user of a link's token, which does not work again; None if it does not work."""
    found = MailedToken.objects.filter(hash=hash_token(token), purpose=purpose, expires_at__gt=timezone.now())
    row = found.select_related("user").first()
    # Of two requests one deletes the row.
    if row is None or not found.delete()[0]:
        return None
    return row.user


def request_reset(email: str) -> None:
    """Mail a link for a new password to the user with this address, if there is one."""
    user = User.objects.filter(email=normalise_email(email), is_active=True).first()
    if user is None:
        return
    audit.record("password.reset_request", target=str(user.pk))
    send(user, "A new password", RESET_TEXT, make_link(user, RESET))


def confirm_reset(token: str, password: str, request: HttpRequest) -> bool:
    """Set the password of the user whose link it is; return False if it does not work."""
    user = take_token(token, RESET)
    if user is None:
        return False
    passwords.change_password(user, password, action="password.reset", request=request)
    return True


def ask_for_verification(user: User) -> None:
    """Mail a link that shows that the address is the user's."""
    send(user, "Your address", VERIFY_TEXT, make_link(user, VERIFY))


def confirm_email(token: str) -> bool:
    """Note that the address of a link is its user's; return False if the link does not work."""
    user = take_token(token, VERIFY)
    if user is None:
        return False
    User.objects.filter(pk=user.pk).update(must_verify_email=False)
    audit.record("email.verify", actor=user.pk)
    return True


def invite(email: str) -> str:
    """Make an account without a password, mail a link that sets one, and return the link.

    Raises:
        ValueError: the address has an account.
    """
    if User.objects.filter(email=normalise_email(email)).exists():
        raise ValueError(f"{email} has an account")
    user = User.objects.create_user(email)
    audit.record("invite", target=str(user.pk))
    link = make_link(user, RESET, INVITATION_LIFETIME)
    send(user, "An invitation", INVITATION_TEXT, link)
    return link


def tell_of_change(user: User) -> None:
    """Mail a user that their password was changed."""
    send(user, "Your password was changed", CHANGED_TEXT)


def tell_of_second_factor(user_id: UUID, change: str) -> None:
    """Mail a user what was done to their second factor; nothing if the account is gone."""
    user = User.objects.filter(pk=user_id).first()
    if user is not None:
        send(user, "Your second factor", SECOND_FACTOR_TEXT, change=change)


def send(user: User, subject: str, text: str, link: str = "", **more: str) -> None:
    """Send a mail; where no way is set up only the log says that there was one."""
    if settings.EMAIL_PROVIDER == "off":
        logger.info("no mail sent: EMAIL_PROVIDER is off", extra={"subject": subject, "user": str(user.pk)})
        return
    body = text.format(site=settings.APP_BASE_URL, link=link, **more)
    send_mail(f"Linernotes: {subject}", body, None, [user.email])
