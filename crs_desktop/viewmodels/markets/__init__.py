"""Instruments of all connected venues on the screen: lists of them, a scanner, prices of one asset across venues."""
