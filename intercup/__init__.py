"""InterCup Assistenza: the assistance service of the InterCup booking platform."""
