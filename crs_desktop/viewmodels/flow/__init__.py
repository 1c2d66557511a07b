"""Order flow on a chart: volume by price, footprints, cumulative delta."""
