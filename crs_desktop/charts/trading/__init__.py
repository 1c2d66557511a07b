"""Trading on the chart: order lines, ghosts, new orders, the position, fills."""
