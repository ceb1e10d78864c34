"""The error of the embedded servers, with a message for the user of the command."""


class StackError(Exception):
    """An embedded server cannot be created, started or stopped. The message says why and what to do."""
