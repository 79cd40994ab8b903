"""The compiled form of a rules file. See README.md beside this file for how its parts meet."""
