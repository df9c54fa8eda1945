"""Training of the block model: pages with known text -> `crawler/extract/data/blocks.json`."""
