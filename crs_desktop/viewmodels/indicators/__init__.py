"""Indicators on a chart: what they are set to, their values beside the bars, and how they keep up with them."""
