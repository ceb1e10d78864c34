"""The embedded servers, really started, in folders of the tests' own."""
