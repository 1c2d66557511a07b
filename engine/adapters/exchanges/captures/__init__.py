"""Raw captures of public exchanges: files of frames as they came, and how they are played.

`docs/reference/feed-replay.md` describes the formats of lines.
"""
