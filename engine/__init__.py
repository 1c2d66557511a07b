"""The engine: a complete trading program without a window.

`crs_desktop`, the command `crs` and the server are three fronts on it. Importing this
package loads nothing heavy.
"""

__version__ = "0.1.0"
