"""Drawings of a profile: what they are, where they are kept, what they look like, what is near the pointer.

shape  kinds       one drawing, as it is kept; the table of what can be drawn
codec  file        drawings as JSON, and the file of a profile
store  desk        all drawings of a profile by pair, with undo; the one store that all charts of an engine share
tools              what is in the user's hand: tool, magnet, lock, hide, the last style
geometry  prices  position   what a drawing looks like on a pane, and the figures it shows
hit  place         what is under the pointer; where an anchor goes

Instants are ns UTC, prices exact decimals; pixels and float64 only from `geometry` on.
"""
