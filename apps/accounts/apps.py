"""Django's entry for the accounts app, and for the admin with our site."""

from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig
from django.core.checks import register
from django.db.models.signals import post_migrate

from apps.accounts import checks, encryption, groups


class AccountsConfig(AppConfig):
    """How staff log in: throttled, with two factors, and for as long as they are there."""

    name = "apps.accounts"
    label = "accounts"
    verbose_name = "Accounts"
    default = True

    def ready(self) -> None:
        """Register the system checks, and keep the groups whenever Django has made an app's permissions."""
        post_migrate.connect(groups.add_permissions, dispatch_uid="apps.accounts.groups")
        register(checks.check_master_key)
        encryption.register_field("accounts.Authenticator", "secret", "totp-secrets")
        # Models cannot be imported yet when this module is.
        from apps.accounts import signals  # noqa: PLC0415

        signals.connect()


class StaffAdminConfig(SimpleAdminConfig):
    """The admin, on a site that asks for the second factor."""

    default = False
    default_site = "apps.accounts.site.StaffSite"
