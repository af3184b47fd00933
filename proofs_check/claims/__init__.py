"""Claims, one file a paper. A new file here is found by itself."""
