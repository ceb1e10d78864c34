"""Who worked on what: endpoints over the credits of releases (api.md 28)."""
