"""The sources of dumps: file names, publishers' sites, downloads, and the formats of files."""
