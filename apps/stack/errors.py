"""What can go wrong with the embedded servers, in words for the person who typed the command."""


class StackError(Exception):
    """An embedded server cannot be made, started or stopped; the message says why and what to do."""
