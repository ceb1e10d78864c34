"""Who worked on what: endpoints over the credits of releases (docs/contract/rest.md#credits)."""
