"""Technical indicators: batch functions over arrays, and their incremental twins."""
