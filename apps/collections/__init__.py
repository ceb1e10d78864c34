"""Collections and wantlists of users: the link to Discogs, their synchronisation, and what one asks of them."""
