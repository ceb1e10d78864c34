"""Flower's options. It reads this file by itself when it is started beside it; options of the command line win."""

import os

# Whoever reaches Flower may see all of it: it asks for no password. The proxy in front asks for the staff login.
address = "127.0.0.1"
# Its API is what shuts workers down and revokes tasks, and Flower refuses it without a password unless told so.
if os.environ.get("FLOWER_CONTROL", "").lower() in ("1", "true", "yes", "on"):
    os.environ["FLOWER_UNAUTHENTICATED_API"] = "true"
else:
    os.environ["FLOWER_UNAUTHENTICATED_API"] = "false"
