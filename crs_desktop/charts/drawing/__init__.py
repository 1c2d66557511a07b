"""Drawings on a chart: painted over the candles, made and changed by mouse and keys.

overlay   what a chart lays over its candles
sight  painter     from instants and prices to pixels; how lines, areas and notes are painted
hand  keys         what mouse and keyboard do
draft  picture     a drawing in the making; many drawings as one picture
edit  menu         what can be done with a drawing; what the right button offers
"""
