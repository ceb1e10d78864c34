"""Who somebody is: how staff log in."""
