"""What the programs show and replay: fonts, icons, recorded market data. Found from a wheel and a frozen program."""
