"""Search over names and titles: by words, and by the look of a name where no word fits."""
