"""Loading a dump while processes and servers are killed, paused, restarted and disconnected by a seeded schedule."""
