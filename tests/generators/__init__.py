"""Programs by which editors make files that are committed, from data of others; neither kg nor server runs them."""
