"""What figures are made of: marks, sources, layout, ink, style, and the files that they become."""
