"""Update rules, one file a method. A new file here is found by itself."""
