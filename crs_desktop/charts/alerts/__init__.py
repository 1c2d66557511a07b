"""Alerts on the chart: lines with a bell, dragged to another price.

overlay   paints them and says what is under a point        hand   the mouse on them
picture   kept pictures of lines and tags
"""
