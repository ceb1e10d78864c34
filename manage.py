#!/usr/bin/env python3
"""Run one of Linernotes' management commands."""

import os
import signal
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # There is nothing to tidy up yet, and Ctrl-C in the midst of an import would be a traceback.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda *_: os._exit(130))

    from config.command_line import run

    sys.exit(run(sys.argv))
