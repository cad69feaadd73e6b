"""The notes of many files: which files, by which settings, printed how, and mended."""
