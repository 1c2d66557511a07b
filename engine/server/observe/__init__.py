"""How the server is doing: health, figures for operators, metrics for Prometheus."""
