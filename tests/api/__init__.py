"""The REST API over HTTP: processes of its own on the servers of all tests, loaded with a catalogue made by hand."""
