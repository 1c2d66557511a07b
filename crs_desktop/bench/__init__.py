"""Our side of `crs bench chart|ladder|tape|heatmap`: the real widgets, driven frame by frame."""
